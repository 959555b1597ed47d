"""The numbers of a table's rows by the rows' names, and rows made up that no such table would hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qwatt.language.table_rows import Rows, Scale, in_words

_PLANTED = 400
_BEYOND = 0.25
"""Of its range a column's made-up values may lie beyond either end."""


@dataclass(frozen=True)
class TableValues:
    """Rows of numbers.

    Args:
        columns: their names.
        values: each row, shape (columns,), by its name.
        is_vectors: whether the values are one column of vectors, which is not scaled.
    """

    columns: tuple[str, ...]
    values: Mapping[str, NDArray[np.float64]] = field(repr=False)
    is_vectors: bool = False

    def __or__(self, other: TableValues) -> TableValues:
        """Return the rows of both."""
        return TableValues(self.columns, {**self.values, **other.values}, self.is_vectors)

    def named(self) -> list[tuple[str, str]]:
        """Return each row's name, and the row in words."""
        words = in_words(self.columns, np.array(list(self.values.values())))
        return list(zip(self.values, words, strict=True))

    def rows(self, names: Sequence[str], texts: Sequence[str], train: int) -> Rows:
        """Return rows by name, on the scale of the first `train` of them."""
        chosen = np.array([self.values[name] for name in names])
        scale = Scale.of(self.columns, chosen[:train])
        if self.is_vectors:
            width = len(self.columns)
            scale = Scale(self.columns, np.zeros(width), np.ones(width))
        return Rows(texts, chosen, scale)

    def planted(self) -> TableValues:
        """Return made-up rows: by turns each number from another row, and any number about a column's range.

        The first kind breaks what columns have to do with each other, the second goes where no row is.
        """
        own = np.array(list(self.values.values()))
        rng, shape = np.random.default_rng(0), (_PLANTED, own.shape[1])
        shuffled = np.take_along_axis(own, rng.integers(len(own), size=shape), axis=0)
        low, high = own.min(axis=0), own.max(axis=0)
        room = _BEYOND * (high - low)
        anywhere = rng.uniform(low - room, high + room, size=shape)
        mixed = np.where(np.arange(_PLANTED)[:, None] % 2 == 0, shuffled, anywhere)
        return TableValues(
            self.columns, {f"planted:{i}": row for i, row in enumerate(mixed)}, self.is_vectors
        )
