"""Difference of the mean scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.permutation import PERMUTATIONS, Labels
from qwatt.stages.monitoring.drift.problem import DriftProblem
from qwatt.stages.monitoring.drift.typicality import ScoreDetector


@method
class MeanScore(ScoreDetector):
    """|mean of the window's scores - mean of the reference's|: what amplitude estimation estimates."""

    name = "mean-score"
    kind = Kind.CLASSICAL
    sources = ("Fisher 1935 (the permutation test of two means)",)

    def statistics(self, sample: NDArray[Any], assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the distance of the means of each assignment."""
        return np.abs(mean_differences(sample[:, 0], assigned))

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the scores and one product with all assignments."""
        flop = self.score_flop(problem) + 4.0 * problem.window * (PERMUTATIONS + 1)
        return Effort(work={"gemm_flop": flop})


def mean_differences(scores: NDArray[np.float64], assigned: Labels) -> NDArray[np.float64]:
    """Return mean of the window's less mean of the reference's scores, shape (assignments,)."""
    window = assigned.astype(np.float64)
    count, inside = window.sum(axis=1), window @ scores
    return np.asarray(inside / count - (scores.sum() - inside) / (len(scores) - count))
