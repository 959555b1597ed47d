"""Representative selection by quantum-enhanced Markov chains (arXiv:2203.12497)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.method import COMMON
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representative_mcmc import PROPOSALS, RepresentativeMcmc
from qwatt.stages.curation.select.representative_method import GRAPH, SOURCES, graph_flop

if TYPE_CHECKING:
    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import quench
else:
    _torch, qubo, quench = lazy("torch"), lazy("qwatt.quantum.qubo"), lazy("qwatt.quantum.primitives.quench")


@method
class RepresentativeQuantumMcmc(RepresentativeMcmc):
    """The same chains on the same windows with a quench for a proposal; its XY ring keeps the number of ones.

    Each proposal is a circuit of one shot, however many shots the study asks for.
    """

    name: ClassVar[str] = "representative-quantum-mcmc"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "arXiv:2203.12497", "arXiv:1709.03489")
    companions: ClassVar[tuple[str, ...]] = (
        "representative-mcmc",
        "representative-annealing",
        "representative-one-swap",
        "representative-greedy",
        "random",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = (
        COMMON | GRAPH | {"proposals": (PROPOSALS,), "beta": (5.0,)}
    )

    def window(self, context: Context) -> AbstractContextManager[None]:
        """A QPU would execute it."""
        return context.circuits()

    def sampler(self, settings: Settings, context: Context, ones: int) -> qubo.QuboSampler:
        """Return the chains."""
        return qubo.get_sampler("quantum-mcmc", context.backend, beta=float(settings["beta"]), ones=ones)

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """A circuit a proposal, of which every pair is coupled."""
        ones, windows = self.half(problem), self.windows(problem)
        n, couplings = 2 * ones, ones * (2 * ones - 1)
        quenches = qubo.QuantumMcmc(ones=ones).quenches(int(settings["proposals"])).items()
        demand = Demand.sum(
            quench.demand(n, couplings, steps, windows * proposals, keeps_ones=True)
            for steps, proposals in quenches
        )
        flops = sum(quench.simulation_flops(n, steps, windows * proposals) for steps, proposals in quenches)
        calls = float(windows * len(quenches))
        return Effort(demand, {"engine_call": calls, "gemm_flop": graph_flop(problem)}, flops)
