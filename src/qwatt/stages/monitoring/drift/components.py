"""Principal components of the reference as the few numbers that stand for a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.monitoring.drift.problem import Rows

_SMALLEST = 1e-6
"""Deviations below this share of the largest are raised to it: rounding is not to be scaled up."""
_DECIMALS = 6
"""Of a deviation."""


def component_count(dimensions: int, normal: int, wanted: int) -> int:
    """Return the number of components that there are, at most the wanted ones."""
    return min(wanted, dimensions, normal - 1)


@dataclass(frozen=True, eq=False)
class Components:
    """Whitened principal components of some rows.

    Args:
        mean: of the rows, shape (numbers,).
        axes: each divided by the rows' deviation along it, shape (numbers, components).
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Rows, wanted: int) -> Components:
        """Find the components of rows, as many as there are, at most the wanted ones."""
        mean = rows.mean(axis=0)
        _, scales, axes = np.linalg.svd(rows - mean, full_matrices=False)
        count = component_count(rows.shape[1], len(rows), wanted)
        raised = np.maximum(scales, _SMALLEST * max(float(scales[0]), 1e-12))[:count]
        return cls(mean, axes[:count].T / (raised / np.sqrt(len(rows) - 1)))

    def coordinates(self, rows: Rows) -> Rows:
        """Return coordinates along them, of which those of the rows they were found from have variance 1."""
        return np.asarray((rows - self.mean) @ self.axes)

    def rounded(self, rows: Rows) -> Rows:
        """Return coordinates to six decimals, the same for a text in every window.

        Products of other shapes round differently, and ranks would tell a window's copies of a text that
        comes often from the reference's, and call it drift.
        """
        return np.asarray(np.round(self.coordinates(rows), _DECIMALS))
