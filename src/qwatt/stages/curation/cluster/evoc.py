"""Clusters of embeddings by EVoC: neighbours by cosine, an embedding of their graph, density in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.errors import MissingExtraError
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.blobs import BLOBS, blobs
from qwatt.stages.curation.cluster.hdbscan import complete, found
from qwatt.stages.curation.cluster.method import COMMON, ClusterMethod

if TYPE_CHECKING:
    import evoc
    import numba
else:
    evoc, numba = lazy("evoc"), lazy("numba")


@method
class Evoc(ClusterMethod):
    """EVoC, asked for about the number of clusters; the largest stay, noise and the rest join the nearest.

    Compiling takes a minute or more in a process; it is not charged.
    """

    name: ClassVar[str] = "evoc"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("Tutte Institute's EVoC 0.3 (an early beta)", "arXiv:1802.03426")
    extra: ClassVar[str] = "cluster"
    space = COMMON | {"neighbours": (15, 5, 30), "smallest": (5, 15), "noise": (0.5, 0.0)}

    def warm_up(self) -> None:
        """Compile by clustering a few points."""
        self._raw(blobs(BLOBS, 100, 0)[0], 4, self.defaults(), 0)

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Return a cluster for every point, noise included."""
        with context.phase(Ring.KERNEL, "cluster"):
            raw = self._raw(points, clusters, settings, context.seed)
            labels = complete(points, raw, clusters)
        return Solution(labels, notes=found(raw))

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count the cosines of 100 candidates a point of its neighbours' search."""
        return Effort(work={"gemm_flop": 200.0 * shape[0] * shape[1], "fit": 1.0})

    @staticmethod
    def _raw(points: Points, clusters: int, settings: Settings, seed: int) -> Labels:
        """Return clusters, and -1 for noise."""
        try:
            numba.set_num_threads(1)
            fitted = evoc.EVoC(
                noise_level=settings["noise"],
                base_min_cluster_size=settings["smallest"],
                approx_n_clusters=clusters,
                n_neighbors=min(settings["neighbours"], len(points) - 1),
                random_state=seed % 2**32,
            ).fit(points.astype(np.float32))
        except ModuleNotFoundError:
            raise MissingExtraError("clustering by EVoC", "cluster") from None
        return np.asarray(fitted.labels_, dtype=np.int64)
