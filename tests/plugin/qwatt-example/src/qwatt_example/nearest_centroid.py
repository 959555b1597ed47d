"""Label a sentence by the nearest class mean."""

from __future__ import annotations

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors


@method
class NearestCentroidHead(HeadMethod):
    """Score a class by the squared distance to its mean."""

    name = "nearest-centroid"
    kind = Kind.CLASSICAL
    sources = ("textbook",)

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Average each class."""
        vectors, labels = problem.train.vectors, problem.train.labels
        with context.phase(Ring.KERNEL, "train"):
            means = np.stack([vectors[labels == c].mean(axis=0) for c in range(len(problem.classes))])
        return self.model(problem, {"means": means}, parameters=means.size)

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return minus the squared distances."""
        differences = vectors[:, None, :] - model.arrays["means"]
        return np.asarray(-(differences**2).sum(axis=2), dtype=np.float64)

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count one addition a value."""
        return Effort(work={"gemm_flop": float(len(problem.train) * problem.dimensions)})

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Count three operations a value and class."""
        return Effort(work={"gemm_flop": 3.0 * sentences * problem.dimensions * len(problem.classes)})
