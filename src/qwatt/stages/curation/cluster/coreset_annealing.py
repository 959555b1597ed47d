"""Clusters by cuts of coresets that simulated annealing finds: the same model without a QPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.cluster.bisecting import BisectingClustering
from qwatt.stages.curation.cluster.coreset import Spins
from qwatt.stages.curation.cluster.coreset_qaoa import halving, ordered
from qwatt.stages.curation.cluster.method import COMMON

if TYPE_CHECKING:
    import dimod

    from qwatt.quantum import qubo
else:
    qubo, _samplers = lazy("qwatt.quantum.qubo"), lazy("dwave.samplers")


@method
class CoresetAnnealing(BisectingClustering):
    """Annealing on a CPU, whose coresets may be larger than a circuit's."""

    name: ClassVar[str] = "coreset-annealing"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2004.14970", "arXiv:1702.08248")
    space = COMMON | {"points": (12, 32, 64), "reads": (10, 50), "sweeps": (100, 1000)}
    limits: ClassVar[Mapping[str, Limit]] = {"points": (2, 1_000)}

    def read(self, model: dimod.BinaryQuadraticModel, settings: Settings, context: Context) -> Spins:
        """Anneal."""
        with context.phase(Ring.KERNEL, "anneal"):
            sampler = qubo.get_sampler("annealing", sweeps=int(settings["sweeps"]))
            return ordered(sampler.sample(model, int(settings["reads"]), int(context.rng.integers(2**31))))

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Count proposals, and passes over the points."""
        cuts = clusters - 1
        proposals = cuts * settings["reads"] * settings["sweeps"] * settings["points"]
        return Effort(work=halving(shape, cuts) | {"spin_update": float(proposals)})
