"""Kolmogorov-Smirnov test of each feature against the whole reference, with Bonferroni: the fast path.

Where window and reference are drawn alike from a continuous distribution, the distance depends on ranks
alone, so that its distribution is drawn once, before the first window. The p-value counts the drawn distances
that are at least as large, with the observed one: no more likely below the level than the level, exactly.
Ties make it smaller still.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.stages.monitoring.drift.problem import Rows
from qwatt.stages.monitoring.drift.watch.detector import Detector, Finding, Setup

_DRAWS_PER_LEVEL = 500
"""Distances drawn for each alarm of one feature that is expected among them."""
_MOST_DRAWS = 500_000
_ROUNDING = 1e-12


class RankDetector(Detector):
    """The largest |F(x) - G(x)| of all features.

    Args:
        setup: its `fitted` rows are compared with, too, as nothing is fitted.

    Raises:
        QwattError: the level is too small for so many features.
    """

    def __init__(self, setup: Setup) -> None:
        rows = np.concatenate([setup.fitted, setup.compared])
        self._sorted = np.sort(rows, axis=0)
        self._alpha = setup.alpha
        draws = math.ceil(_DRAWS_PER_LEVEL * rows.shape[1] / setup.alpha) - 1
        if draws > _MOST_DRAWS:
            what = f"a level of {setup.alpha:g} cannot be shared by {rows.shape[1]} features"
            raise QwattError(what, where="--alpha", mend="raise it, or give fewer --components")
        self._null = np.sort(null_distances(len(rows), setup.window, draws, setup.rng(0)))

    def look(self, rows: Rows, window: int) -> Finding:
        """Compare each feature with the reference."""
        distances = [_distance(known, column) for known, column in zip(self._sorted.T, rows.T, strict=True)]
        largest = max(distances)
        as_large = len(self._null) - np.searchsorted(self._null, largest - _ROUNDING)
        p_value = min(1.0, len(distances) * (1 + int(as_large)) / (1 + len(self._null)))
        return Finding(largest, p_value <= self._alpha, p_value=p_value)


def _distance(known: NDArray[np.float64], column: NDArray[np.float64]) -> float:
    """Return the largest distance of the distribution functions of a sorted sample and another one.

    It lies at a value of the second: just at it, or just before it.
    """
    values = np.sort(column)
    here = np.searchsorted(known, values, side="right") / len(known)
    before = np.searchsorted(known, values, side="left") / len(known)
    at = np.searchsorted(values, values, side="right") / len(values)
    under = np.searchsorted(values, values, side="left") / len(values)
    return float(max((at - here).max(), (before - under).max()))


def null_distances(reference: int, window: int, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw distances of two samples of one continuous distribution, shape (draws,).

    Args:
        reference: size of the one.
        window: size of the other.
        draws: number of distances.
        rng: generator.
    """
    total = reference + window
    found = np.empty(draws)
    own = np.arange(1, window + 1)
    for i in range(draws):
        places = np.sort(rng.choice(total, window, replace=False, shuffle=False))
        below = (places - own + 1) / reference  # of the reference, before each value of the window
        found[i] = max((own / window - below).max(), (below - (own - 1) / window).max())
    return found
