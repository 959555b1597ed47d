"""Label a sentence by the nearer class mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem, Vectors


@method
class NearestCentroidHead(HeadMethod):
    """Score by the difference of squared distances to the two class means."""

    name = "nearest-centroid"
    kind = Kind.CLASSICAL
    sources = ("textbook",)

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadAnswer:
        """Average each class."""
        with context.phase(Ring.KERNEL, "train"):
            negative, positive = (
                problem.train.vectors[problem.train.labels == label].mean(axis=0) for label in (0, 1)
            )

        def scores(vectors: Vectors) -> NDArray[np.float64]:
            distances = [((vectors - mean) ** 2).sum(axis=1) for mean in (negative, positive)]
            return np.asarray(distances[0] - distances[1], dtype=float)

        return HeadAnswer(scores, scores(problem.validation.vectors), parameters=2 * negative.size)
