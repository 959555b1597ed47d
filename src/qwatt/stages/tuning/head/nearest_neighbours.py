"""Nearest neighbours: the classical head that trains nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import squared_distances
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem, Scores, Vectors
from qwatt.stages.tuning.head.standardise import fit_scale, scaled


@method
class NearestNeighbours(HeadMethod):
    """Votes of the nearest training samples, each weighted by one over its distance; on the whole vector."""

    name = "nearest-neighbours"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1109/TSMC.1976.5408784 (votes weighted by distance)",)
    space = {"neighbours": (5, 1, 15, 31)}

    def fit(self, problem: HeadProblem, settings: Settings, context: Context) -> HeadModel:
        """Keep the standardised training samples."""
        with context.phase(Ring.KERNEL, "train"):
            arrays = fit_scale(problem.train.vectors)
            arrays |= {"train": scaled(arrays, problem.train.vectors), "labels": problem.train.labels}
        return self.model(problem, arrays, 0, neighbours=int(settings["neighbours"]))

    def decide(self, model: HeadModel, vectors: Vectors, context: Context) -> Scores:
        """Return each class's share of the votes."""
        arrays, count = model.arrays, min(int(model.config["neighbours"]), len(model.arrays["train"]))
        distances = np.sqrt(_distances(arrays, vectors))
        nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
        votes = 1.0 / np.maximum(np.take_along_axis(distances, nearest, axis=1), 1e-9)
        own = arrays["labels"][nearest]
        found = np.stack([(votes * (own == c)).sum(axis=1) for c in range(len(model.classes))], axis=1)
        return np.asarray(found / votes.sum(axis=1, keepdims=True), dtype=np.float64)

    def fit_effort(self, problem: HeadProblem, settings: Settings, shots: int | None) -> Effort:
        """Count the scaling."""
        return Effort(work={"gemm_flop": 4.0 * len(problem.train) * problem.dimensions})

    def decide_effort(
        self, problem: HeadProblem, settings: Settings, sentences: int, shots: int | None
    ) -> Effort:
        """Count one distance a pair, 3 operations a dimension."""
        return Effort(work={"gemm_flop": 3.0 * problem.dimensions * len(problem.train) * sentences})


def _distances(arrays: Mapping[str, NDArray[Any]], vectors: Vectors) -> NDArray[np.float64]:
    return squared_distances(scaled(arrays, vectors), arrays["train"])
