"""k-means++ with restarts: the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

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

_ITERATIONS = 20
"""What the plan assumes; it stops when no label changes."""


@method
class KMeans(ClusterMethod):
    """Lloyd's algorithm, or Elkan's with the triangle inequality, from several k-means++ starts."""

    name: ClassVar[str] = "kmeans"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1109/TIT.1982.1056489", "scikit-learn KMeans")
    space = COMMON | {
        "starts": (10, 1, 30),
        "start": ("k-means++", "random"),
        "algorithm": ("lloyd", "elkan"),
    }
    assumes = f"{_ITERATIONS} iterations a start"

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Return the partition of least inertia."""
        with context.phase(Ring.KERNEL, "cluster"):
            fitted = cluster.KMeans(
                clusters,
                init=settings["start"],
                n_init=settings["starts"],
                algorithm=settings["algorithm"],
                random_state=context.seed,
            ).fit(points)
        return Solution(fitted.labels_, notes={"iterations": int(fitted.n_iter_)})

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count 3 operations a point, centroid, dimension and iteration."""
        sweeps = settings["starts"] * (_ITERATIONS + 1)
        return Effort(work={"gemm_flop": 3.0 * shape[0] * shape[1] * clusters * sweeps, "fit": 1.0})
