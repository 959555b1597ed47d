"""k-means on small random batches (Sculley 2010)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.method import COMMON, ClusterMethod

if TYPE_CHECKING:
    from sklearn import cluster
else:
    cluster = lazy("sklearn.cluster")

_STEPS = 50
"""What the plan assumes; it stops when the batches' inertia no longer falls."""


@method
class MiniBatchKMeans(ClusterMethod):
    """Every step moves centroids towards the means of one batch; at the end all points are assigned once."""

    name = "minibatch-kmeans"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1145/1772690.1772862", "scikit-learn MiniBatchKMeans")
    space = COMMON | {"batch": (256, 64, 1024), "starts": (3, 10), "reassign": (0.01, 0.0)}
    assumes = f"{_STEPS} batches"

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Return each point's nearest centroid after the last batch."""
        with context.phase(Ring.KERNEL, "cluster"):
            fitted = cluster.MiniBatchKMeans(
                clusters,
                batch_size=settings["batch"],
                n_init=settings["starts"],
                reassignment_ratio=settings["reassign"],
                random_state=context.seed,
            ).fit(points)
        return Solution(fitted.labels_, notes={"batches": int(fitted.n_steps_)})

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count 3 operations a centroid and dimension, for every point of a batch and once for all."""
        seen = shape[0] + min(settings["batch"], shape[0]) * (_STEPS + 3 * settings["starts"])
        return Effort(work={"gemm_flop": 3.0 * seen * shape[1] * clusters, "fit": 1.0, "iteration": _STEPS})
