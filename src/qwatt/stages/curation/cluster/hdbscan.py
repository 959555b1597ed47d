"""Clusters by density, whose number nobody gives (HDBSCAN), brought to the number that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import Labels, Points, means, nearest
from qwatt.stages.curation.cluster.method import COMMON, ClusterMethod

if TYPE_CHECKING:
    from sklearn import cluster
else:
    cluster = lazy("sklearn.cluster")

_NOISE = -1


@method
class Hdbscan(ClusterMethod):
    """HDBSCAN*; the largest clusters stay, noise and the rest join the nearest of their means.

    It finds its own number of clusters. Of more than asked for the largest are kept; where it finds fewer,
    the partition has fewer.
    """

    name: ClassVar[str] = "hdbscan"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1007/978-3-642-37456-2_14", "scikit-learn HDBSCAN")
    space = COMMON | {"smallest": (15, 5, 40), "neighbours": (5, 1), "choose": ("eom", "leaf")}

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Return a cluster for every point, noise included."""
        with context.phase(Ring.KERNEL, "cluster"):
            raw = self.raw(points, settings)
            labels = complete(points, raw, clusters)
        return Solution(labels, notes=found(raw))

    def raw(self, points: Points, settings: Settings) -> Labels:
        """Return clusters, and -1 for noise."""
        fitted = cluster.HDBSCAN(
            min_cluster_size=min(settings["smallest"], len(points)),
            min_samples=min(settings["neighbours"], len(points)),
            cluster_selection_method=settings["choose"],
            copy=True,
        ).fit(points)
        return np.asarray(fitted.labels_, dtype=np.int64)

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count the distances of all pairs, at most."""
        return Effort(work={"gemm_flop": 3.0 * shape[0] ** 2 * shape[1], "fit": 1.0})


def found(raw: Labels) -> dict[str, int]:
    """Return how many clusters there were, and how many points were in none."""
    return {"clusters_found": int(raw.max()) + 1, "noise": int((raw == _NOISE).sum())}


def complete(points: Points, raw: Labels, clusters: int) -> Labels:
    """Keep the largest clusters, and give every other point to the nearest of their means.

    Args:
        points: shape (N, d).
        raw: cluster of each point, -1 for noise.
        clusters: most that are kept.
    """
    names, counts = np.unique(raw[raw != _NOISE], return_counts=True)
    kept = names[np.argsort(-counts, kind="stable")[:clusters]]
    if len(kept) == 0:
        return np.zeros(len(points), dtype=np.int64)
    inside = np.isin(raw, kept)
    labels = np.searchsorted(np.sort(kept), np.where(inside, raw, kept[0])).astype(np.int64)
    centroids = means(points[inside], labels[inside], np.zeros((len(kept), points.shape[1])))
    return np.where(inside, labels, nearest(points, centroids))
