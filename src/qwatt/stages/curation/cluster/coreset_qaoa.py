"""Clusters by cuts of coresets that QAOA finds (arXiv:2004.14970)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.cluster.bisecting import READS, BisectingClustering
from qwatt.stages.curation.cluster.coreset import Spins
from qwatt.stages.curation.cluster.method import COMMON

if TYPE_CHECKING:
    import dimod

    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import qaoa
else:
    _torch, qubo, qaoa = lazy("torch"), lazy("qwatt.quantum.qubo"), lazy("qwatt.quantum.primitives.qaoa")


@method
class CoresetQaoa(BisectingClustering):
    """Linear-ramp QAOA samples cuts of 8 to 12 weighted points, one circuit for each halving."""

    name: ClassVar[str] = "coreset-qaoa"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2004.14970", "arXiv:1702.08248", "arXiv:2405.09169")
    companions: ClassVar[tuple[str, ...]] = ("coreset-annealing", "coreset-random", "kmeans")
    space = COMMON | {"points": (12, 10, 8), "ramp": (3.0, 1.0), "layers": (10, 5)}
    limits: ClassVar[Mapping[str, Limit]] = {"points": (2, 24), "layers": (1, 1_000)}

    def read(self, model: dimod.BinaryQuadraticModel, settings: Settings, context: Context) -> Spins:
        """Sample the circuit."""
        sampler = self._sampler(settings, context)
        with context.circuits():
            found = sampler.sample(model, context.shots or READS, int(context.rng.integers(2**31)))
        return ordered(found)

    def effort(self, shape: tuple[int, int], clusters: int, settings: Settings, shots: int | None) -> Effort:
        """Bill one circuit a halving, every pair of its qubits coupled."""
        n, cuts = int(settings["points"]), clusters - 1
        model = qubo.BqmShape(n, n * (n - 1) // 2)
        demand = self._sampler(settings, None).plan(model, shots or READS).times(cuts)
        flops = cuts * qaoa.simulation_flops(model.variables, model.couplings, int(settings["layers"]))
        return Effort(demand, halving(shape, cuts), flops)

    @staticmethod
    def _sampler(settings: Settings, context: Context | None) -> qubo.QuboSampler:
        depth, ramp = int(settings["layers"]), float(settings["ramp"])
        backend = None if context is None else context.backend
        return qubo.get_sampler("qaoa", backend, depth=depth, delta_gamma=ramp)


def ordered(found: dimod.SampleSet) -> Spins:
    """Return a sample set's spins in the order of the variables' numbers."""
    return qubo.ordered_reads(found).astype(np.int64)


def halving(shape: tuple[int, int], cuts: int) -> dict[str, float]:
    """Return the host's work: passes over the points for each cut, its coreset and its halves."""
    return {"gemm_flop": 12.0 * shape[0] * shape[1] * cuts}
