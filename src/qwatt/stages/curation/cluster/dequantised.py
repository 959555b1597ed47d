"""k-means from samples: the classical descendant of q-means (arXiv:2308.09701)."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.quantum.algorithms import lloyd
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.method import COMMON, ClusterMethod


@method
class DequantisedKMeans(ClusterMethod):
    """Every iteration reads samples: clusters' sizes from uniform points, sums from points by squared length.

    The work of an iteration does not grow with the number of points; all points are read once to prepare the
    sampling, once for the starts, and once to label them at the end.
    """

    name: ClassVar[str] = "dequantised-kmeans"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2308.09701",)
    space = COMMON | {"samples": (256, 64, 1024), "starts": (1, 3), "iterations": (10, 20)}

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Return the nearest centroids of the start with least inertia."""
        count, iterations = int(settings["samples"]), int(settings["iterations"])
        with context.phase(Ring.KERNEL, "cluster"):
            squares = (points**2).sum(axis=1)
            found = []
            for _ in range(int(settings["starts"])):
                centroids = lloyd.starts(points, clusters, context.rng)
                for _ in range(iterations):
                    centroids = sampled_means(points, squares, centroids, count, context.rng)
                found.append(lloyd.nearest(points, centroids))
            best = min(found, key=lambda labels: lloyd.inertia(points, labels))
        return Solution(best, counters={"points_sampled": 2.0 * count * iterations * len(found)})

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count 3 operations a centroid and dimension, for sampled points and twice a start for all."""
        seen = settings["starts"] * (2 * settings["samples"] * settings["iterations"] + 2 * shape[0])
        return Effort(work={"gemm_flop": 3.0 * seen * shape[1] * clusters})


def sampled_means(
    points: Points, squares: np.ndarray, before: Points, count: int, rng: np.random.Generator
) -> Points:
    """Return estimates of the clusters' means from two samples of so many points (algorithm 2).

    Args:
        points: shape (N, d).
        squares: squared lengths, shape (N,).
        before: centroids, shape (k, d); a cluster that no sample hits keeps its own.
        count: points in each sample.
        rng: generator.
    """
    total = len(points)
    uniform = rng.integers(total, size=count)
    whole = float(squares.sum())
    if whole == 0.0:
        return before
    by_length = rng.choice(total, size=count, p=squares / whole)
    sizes = np.bincount(lloyd.nearest(points[uniform], before), minlength=len(before)) * (total / count)
    drawn = points[by_length]
    sums = np.zeros_like(before)
    np.add.at(sums, lloyd.nearest(drawn, before), drawn * (whole / count / squares[by_length])[:, None])
    return np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1e-9)[:, None], before)
