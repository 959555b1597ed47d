"""Control: k-means on as many random projections as the quantum register has qubits (arXiv:1110.2897)."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.kmeans import KMeans


@method
class RandomEmbedding(KMeans):
    """A classical surrogate of the same size: log2(d) numbers a point, each a random projection."""

    name: ClassVar[str] = "random-embedding"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1110.2897",)

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Project, then cluster."""
        with context.phase(Ring.LOADING, "encode"):
            projection = context.rng.normal(size=(points.shape[1], _size(points.shape[1])))
            projected = points @ projection
        return super().find(projected, clusters, settings, context)

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count the projection and k-means on what is left."""
        size = _size(shape[1])
        projection = Effort(work={"gemm_flop": 2.0 * shape[0] * shape[1] * size})
        return projection + super().effort((shape[0], size), clusters, settings, shots)


def _size(dimensions: int) -> int:
    return max(1, (dimensions - 1).bit_length())
