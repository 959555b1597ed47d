"""Rows of a table with their numbers as vectors: what a problem holds where it has no texts to embed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.data.names import shown
from qwatt.language.encoder import Vectors

TABLE = "table"
"""Stands for the encoder's name."""
FARTHEST = 1e15
"""Deviations from the mean beyond which sums of squares overflow in single precision."""


@dataclass(frozen=True, eq=False)
class Scale:
    """What makes a table's columns alike: mean 0 and variance 1 on the training rows.

    Args:
        columns: their names.
        mean: shape (columns,).
        deviation: shape (columns,); 1 where a column is constant.
    """

    columns: tuple[str, ...]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def of(cls, columns: Sequence[str], training: NDArray[np.float64]) -> Scale:
        """Return the scale of training rows, shape (rows, columns), with numbers up to `LARGEST`."""
        return cls(tuple(columns), training.mean(axis=0), deviations(training))

    def apply(self, values: NDArray[np.float64], texts: Sequence[str] = ()) -> Vectors:
        """Return scaled rows, shape (rows, columns).

        Args:
            values: shape (rows, columns).
            texts: what an error calls each row; its number else.

        Raises:
            QwattError: a number is so far from the training rows that sums of squares overflow.
        """
        with np.errstate(over="ignore"):
            found = (values - self.mean) / self.deviation
        far = np.argwhere(~(np.abs(found) <= FARTHEST))
        if len(far):
            row, column = far[0].tolist()
            said = f"the row {shown(texts[row], 120)!r}" if texts else f"row {row}"
            name = shown(self.columns[column], 60)
            what = f"{said}: the number of the column {name!r} is too far from those of the training rows"
            raise QwattError(what, mend="mend the number, or leave the row out")
        return np.asarray(found, dtype=np.float32)

    def record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "columns": list(self.columns), "mean": self.mean.tolist(), "deviation": self.deviation.tolist()
        }  # fmt: skip

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Scale:
        """Rebuild it.

        Raises:
            ValueError: the three are not of one length.
        """
        mean, deviation = (np.array(record[name], dtype=np.float64) for name in ("mean", "deviation"))
        columns = tuple(map(str, record["columns"]))
        if not mean.shape == deviation.shape == (len(columns),):
            raise ValueError("columns, mean and deviation are not of one length")
        return cls(columns, mean, deviation)


class Rows:
    """Rows of a table, where else an `Embedding` stands: nothing is embedded, so nothing is charged.

    Args:
        texts: each row in words, which it is split and shown by.
        values: shape (rows, columns).
        scale: of the training rows.
    """

    encoder = TABLE

    def __init__(self, texts: Sequence[str], values: NDArray[np.float64], scale: Scale) -> None:
        self.texts = tuple(texts)
        self.scale = scale
        self.vectors = scale.apply(values, self.texts)

    @property
    def dimensions(self) -> int:
        """Number of columns."""
        return len(self.scale.columns)

    @property
    def work(self) -> dict[str, float]:
        """What having the vectors takes: nothing."""
        return {}


def deviations(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the standard deviation of each column, 1 where it is constant; shape (columns,).

    Equal numbers that are no binary fractions, such as 0.1, have a tiny deviation by rounding alone.
    """
    deviation = np.asarray(values, dtype=np.float64).std(axis=0)
    return np.where((deviation > 0) & (np.ptp(values, axis=0) > 0), deviation, 1.0)


def in_words(columns: Sequence[str], values: NDArray[np.float64]) -> list[str]:
    """Return each row as "age 63, sex 1, ...", so that equal rows are equal texts."""
    return [
        ", ".join(f"{name} {value:.12g}" for name, value in zip(columns, row, strict=True)) for row in values
    ]
