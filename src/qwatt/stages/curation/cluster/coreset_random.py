"""Control: cuts of coresets drawn at random, as many as QAOA has shots; the best of them is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.cluster.bisecting import READS, BisectingClustering
from qwatt.stages.curation.cluster.coreset import Spins
from qwatt.stages.curation.cluster.coreset_qaoa import halving
from qwatt.stages.curation.cluster.method import COMMON

if TYPE_CHECKING:
    import dimod


@method
class CoresetRandom(BisectingClustering):
    """Shows what the samples of a circuit are worth: a thousand of 2^11 cuts hold a good one by chance."""

    name: ClassVar[str] = "coreset-random"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random choice",)
    space = COMMON | {"points": (12, 10, 8)}
    limits: ClassVar[Mapping[str, Limit]] = {"points": (2, 1_000)}

    def read(self, model: dimod.BinaryQuadraticModel, settings: Settings, context: Context) -> Spins:
        """Draw spins."""
        with context.phase(Ring.KERNEL, "draw"):
            return 2 * context.rng.integers(2, size=(context.shots or READS, model.num_variables)) - 1

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count passes over the points."""
        return Effort(work=halving(shape, clusters - 1))
