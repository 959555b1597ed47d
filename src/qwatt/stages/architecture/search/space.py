"""A search space: a few choices, each with a finite list of values in order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.int64]
"""Number of the value of every choice, shape (..., choices)."""


@dataclass(frozen=True)
class Choice:
    """One setting and what it may be.

    Args:
        name: of the setting.
        kind: "categorical" (no order), "ordered" (as listed), "int", "float" or "log" (numbers, ascending).
        values: the candidates; a "log" choice's are spaced evenly in the logarithm.
    """

    name: str
    kind: str
    values: tuple[Any, ...]

    @property
    def ordered(self) -> bool:
        """Whether neighbours are alike."""
        return self.kind != "categorical"


@dataclass(frozen=True)
class Space:
    """The product of all choices; a point is numbered as in `numpy.unravel_index`, the last choice fastest.

    Args:
        choices: one or more.
    """

    choices: tuple[Choice, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The choices' names."""
        return tuple(choice.name for choice in self.choices)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of every choice."""
        return tuple(len(choice.values) for choice in self.choices)

    @property
    def size(self) -> int:
        """Number of points."""
        return prod(self.shape)

    def levels(self, points: Any) -> Levels:
        """Return the values' numbers of points, shape (..., choices)."""
        return np.stack(np.unravel_index(np.asarray(points, dtype=np.int64), self.shape), axis=-1)

    def number(self, levels: Any) -> int:
        """Return the number of the point with these levels, shape (choices,)."""
        return int(np.ravel_multi_index(tuple(int(level) for level in levels), self.shape))

    def settings(self, point: int) -> dict[str, Any]:
        """Return a point's values by name."""
        chosen = zip(self.choices, self.levels(point), strict=True)
        return {choice.name: choice.values[int(level)] for choice, level in chosen}

    @cached_property
    def every(self) -> Levels:
        """Levels of all points, shape (size, choices)."""
        return self.levels(np.arange(self.size))

    @cached_property
    def angles(self) -> NDArray[np.float64]:
        """All points as angles, shape (size, choices).

        An ordered choice spans half a turn, so that its ends stay apart; the values of one without order lie
        evenly on the whole circle.
        """
        columns = []
        for choice, levels in zip(self.choices, self.every.T, strict=True):
            count = len(choice.values)
            step = np.pi / max(count - 1, 1) if choice.ordered else 2 * np.pi / count
            columns.append(levels * step)
        return np.stack(columns, axis=1)

    def one_hot(self, points: Any) -> NDArray[np.int8]:
        """Return points as bits, one for each value of each choice, shape (points, sum(shape))."""
        levels = self.levels(points).T
        columns = [own[:, None] == np.arange(n) for own, n in zip(levels, self.shape, strict=True)]
        return np.hstack(columns).astype(np.int8)

    def design(self, points: int, rng: np.random.Generator) -> list[int]:
        """Return different points that touch the values of every choice equally often (Latin hypercube).

        Args:
            points: how many, at most `size`.
            rng: shuffles.
        """
        decks = [rng.permutation(np.arange(points) % count) for count in self.shape]
        found = dict.fromkeys(self.number(levels) for levels in np.stack(decks, axis=1))
        rest = (int(point) for point in rng.permutation(self.size))
        while len(found) < points:
            found.setdefault(next(rest))
        return list(found)
