"""One bounded number a text: how much it resembles the reference as a whole."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qwatt.core.method import Settings
from qwatt.stages.monitoring.drift.method import DriftMethod
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows

_TAIL = 0.01
"""Share of the texts like the reference that is cut to 0, and to 1."""


class ScoreDetector(DriftMethod):
    """Base of the tests of one score a text, in [0, 1].

    The score of a vector is its product with the mean of those like the reference, of a single number the
    number itself; both from their 1 % quantile, which is 0, to their 99 % quantile.
    """

    def encoding(self, normal: Rows, settings: Settings) -> Callable[[Rows], Rows]:
        """Return what makes the scores, shape (texts, 1)."""
        axis = normal.mean(axis=0) if normal.shape[1] > 1 else np.ones(1)
        low, high = np.quantile(normal @ axis, [_TAIL, 1.0 - _TAIL])
        span = (high - low) or 1.0
        return lambda rows: np.clip((rows @ axis - low) / span, 0.0, 1.0)[:, None]

    def score_flop(self, problem: DriftProblem) -> float:
        """Return the operations of scoring a pair's texts."""
        return 4.0 * problem.window * problem.embedding.dimensions
