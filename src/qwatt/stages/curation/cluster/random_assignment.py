"""Control: clusters drawn at random."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import Labels, Points
from qwatt.stages.curation.cluster.method import ClusterMethod


@method
class RandomAssignment(ClusterMethod):
    """What any partition into so many clusters gets without looking at a point."""

    name: ClassVar[str] = "random-assignment"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random choice",)

    def find(self, points: Points, clusters: int, settings: Settings, context: Context) -> Solution[Labels]:
        """Draw a cluster for each point."""
        with context.phase(Ring.KERNEL, "cluster"):
            return Solution(context.rng.integers(clusters, size=len(points)))

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Nothing is computed."""
        return Effort()
