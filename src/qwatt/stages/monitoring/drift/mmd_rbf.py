"""Maximum mean discrepancy with a Gaussian kernel (Gretton et al., JMLR 13:723)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.drift.discrepancy import KernelDetector, gram_effort
from qwatt.stages.monitoring.drift.problem import DriftProblem, Rows


@method
class MmdRbf(KernelDetector):
    """exp(-|x - y|^2 / (2 s^2)), s the median distance of the pair's texts times the bandwidth."""

    name = "mmd-rbf"
    kind = Kind.CLASSICAL
    sources = ("arXiv:0805.2368", "JMLR 13:723")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "bandwidth": (1.0, 0.5, 0.25, 2.0),
        "components": (0, 8, 4),
    }

    def gram(self, rows: Rows, settings: Settings) -> NDArray[np.float64]:
        """Return the Gaussian kernel of all texts of both."""
        squares = squared_distances(rows)
        median = float(np.median(squares[np.triu_indices(len(rows), 1)]))
        return np.asarray(np.exp(-0.5 * squares / (float(settings["bandwidth"]) ** 2 * (median or 1.0))))

    def pair_effort(self, problem: DriftProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the distances, an exponential a pair of texts, and the permutations."""
        texts = 2 * problem.window
        gram = gram_effort(texts, self.feature_count(problem, settings))
        return gram + Effort(work={"elementwise": float(texts**2)})


def squared_distances(rows: Rows) -> NDArray[np.float64]:
    """Return |x - y|^2 of all rows, shape (texts, texts), never below 0."""
    lengths = (rows**2).sum(axis=1)
    return np.asarray(np.maximum(lengths[:, None] + lengths - 2.0 * rows @ rows.T, 0.0))
