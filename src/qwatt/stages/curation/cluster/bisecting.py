"""Base of the methods that halve clusters one by one, each by a cut of its coreset."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.method import Context, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.quantum.algorithms import lloyd
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.coreset import Spins, best_cut, coreset, cut_model
from qwatt.stages.curation.cluster.method import ClusterMethod

if TYPE_CHECKING:
    import dimod

READS = 1_000
"""Samples of a cut where the study says no number of shots."""


class BisectingClustering(ClusterMethod):
    """The cluster of most inertia is halved until there are as many as asked for (bisecting k-means).

    Each half is given by the read with the least inertia on the coreset; then all points of the cluster join
    the nearer of the two means.
    """

    @abstractmethod
    def read(self, model: dimod.BinaryQuadraticModel, settings: Settings, context: Context) -> Spins:
        """Return samples of a model over spins 0 to n - 1, shape (reads, n), taken inside energy windows."""

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Halve clusters - 1 times."""
        labels = np.zeros(len(points), dtype=np.int64)
        for new in range(1, clusters):
            with context.phase(Ring.KERNEL, "coreset"):
                widest = max(range(new), key=lambda one: _inertia(points[labels == one]))
                members = np.flatnonzero(labels == widest)
                sample, weights = coreset(points[members], int(settings["points"]), context.rng)
                model = cut_model(sample, weights)
            spins = self.read(model, settings, context)
            with context.phase(Ring.KERNEL, "halve"):
                halves = lloyd.nearest(points[members], best_cut(sample, weights, spins))
                labels[members[halves == 1]] = new
            context.progress(new, clusters - 1, "cuts")
        return Solution(labels, counters={"cuts": float(clusters - 1)})


def _inertia(points: Points) -> float:
    return lloyd.inertia(points, np.zeros(len(points), dtype=np.int64)) if len(points) else 0.0
