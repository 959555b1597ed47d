"""Numbers in [0, 1] of each row, and intervals of their means from a reference of finite size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.monitoring.drift.problem import Rows


@dataclass(frozen=True, eq=False)
class BoundedNumbers:
    """Of each feature its rank among some rows, and how far that rank lies from the middle.

    The first sees features move, the second sees them spread or gather.

    Args:
        sorted_rows: the rows, each feature sorted, shape (rows, features).
    """

    sorted_rows: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Rows) -> BoundedNumbers:
        """Rank among these rows."""
        return cls(np.sort(rows, axis=0))

    def __call__(self, rows: Rows) -> NDArray[np.float64]:
        """Return the numbers, shape (rows, 2 features)."""
        known = len(self.sorted_rows)
        columns = zip(self.sorted_rows.T, rows.T, strict=True)
        ranks = np.stack(
            [
                (np.searchsorted(a, b, side="left") + np.searchsorted(a, b, side="right")) / (2 * known)
                for a, b in columns
            ],
            axis=1,
        )
        return np.concatenate([ranks, np.abs(2.0 * ranks - 1.0)], axis=1)


def mean_intervals(numbers: NDArray[np.float64], alpha: float) -> tuple[NDArray[np.float64], ...]:
    """Return lower and upper bounds of the means of numbers in [0, 1], all of which hold with 1 - alpha.

    The empirical Bernstein bound of arXiv:0907.3740, theorem 4, each side and column with an equal share.

    Args:
        numbers: shape (rows, columns).
        alpha: chance that any bound fails.
    """
    n, columns = numbers.shape
    log = np.log(2.0 * 2 * columns / alpha)
    mean, variance = numbers.mean(axis=0), numbers.var(axis=0, ddof=1)
    half = np.sqrt(2.0 * variance * log / n) + 7.0 * log / (3.0 * (n - 1))
    return mean - half, mean + half
