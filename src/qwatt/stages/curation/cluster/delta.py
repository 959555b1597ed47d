"""delta-k-means: the noise that q-means makes, as a classical algorithm (arXiv:1812.03584)."""

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
class DeltaKMeans(ClusterMethod):
    """A point goes to any centroid whose squared distance is within delta of the least; centroids shake too.

    It has the quality of q-means on error-corrected hardware with QRAM, at classical cost: the twin that
    tells which accuracy of a distance clustering needs. `delta` is in units of the mean squared distance of
    points to their mean; each centroid gets noise of length sqrt(delta) / 2.
    """

    name: ClassVar[str] = "delta-kmeans"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1812.03584",)
    space = COMMON | {"delta": (0.05, 0.2), "starts": (1, 3, 10), "iterations": (10, 20)}

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Return the partition of least inertia of all starts."""
        with context.phase(Ring.KERNEL, "cluster"):
            delta = float(settings["delta"]) * float(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean())
            rng = context.rng

            def assign(some: Points, centroids: Points) -> Labels:
                return noisy_nearest(some, shaken(centroids, delta, rng), delta, rng)

            found = [
                lloyd.iterate(
                    points, lloyd.starts(points, clusters, rng), assign, int(settings["iterations"])
                )[0]
                for _ in range(int(settings["starts"]))
            ]
            best = min(found, key=lambda labels: lloyd.inertia(points, labels))
        return Solution(best, notes={"delta": delta})

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count 3 operations a point, centroid, dimension and iteration."""
        sweeps = settings["starts"] * (settings["iterations"] + 1)
        return Effort(work={"gemm_flop": 3.0 * shape[0] * shape[1] * clusters * sweeps})


def noisy_nearest(points: Points, centroids: Points, delta: float, rng: np.random.Generator) -> Labels:
    """Return for each point a centroid drawn among those within delta of the least squared distance."""
    distances = lloyd.squared_distances(points, centroids)
    near = distances <= distances.min(axis=1, keepdims=True) + delta
    return np.asarray(np.where(near, rng.random(near.shape), -1.0).argmax(axis=1), dtype=np.int64)


def shaken(centroids: Points, delta: float, rng: np.random.Generator) -> Points:
    """Return centroids moved in a random direction by sqrt(delta) / 2."""
    moves = rng.normal(size=centroids.shape)
    lengths = np.linalg.norm(moves, axis=1, keepdims=True)
    return np.asarray(centroids + moves / lengths * np.sqrt(delta) / 2.0, dtype=np.float64)
