"""The factorisation machine's QUBO by linear-ramp QAOA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.architecture.search.factorisation import Bits, Values
from qwatt.stages.architecture.search.method import COMMON, proposals
from qwatt.stages.architecture.search.one_hot import MACHINE, QUBITS, OneHotSearch, Window
from qwatt.stages.architecture.search.problem import SearchProblem

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import qaoa
else:
    torch = lazy("torch")
    qubo = lazy("qwatt.quantum.qubo")
    qaoa = lazy("qwatt.quantum.primitives.qaoa")

SHOTS = 1_000


@method
class QaoaOneHot(OneHotSearch):
    """One circuit a proposal, a qubit for each value of each choice, one-hot by a penalty."""

    name: ClassVar[str] = "qaoa-one-hot"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2507.18003", "arXiv:2405.09169", "arXiv:2605.04825")
    companions: ClassVar[tuple[str, ...]] = ("random-one-hot", "annealing-one-hot", "exact-one-hot", "random")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | MACHINE | {"layers": (5,), "ramp": (3.0,)}
    limits: ClassVar[Mapping[str, Limit]] = {**OneHotSearch.limits, "layers": (1, 1_000)}

    def window(self, context: Context) -> AbstractContextManager[None]:
        """A QPU would execute it."""
        return context.circuits()

    def solve(
        self, linear: Values, quadratic: Values, window: Window, settings: Settings, context: Context
    ) -> Bits:
        """Sample one circuit."""
        sampler = qubo.get_sampler(
            "qaoa", context.backend, depth=int(settings["layers"]), delta_gamma=float(settings["ramp"])
        )
        bqm = qubo.bqm_from_arrays(linear, quadratic)
        found = sampler.sample(bqm, context.shots or SHOTS, int(context.rng.integers(2**31)))
        return qubo.ordered_reads(found)

    def effort(self, problem: SearchProblem, trainings: int, settings: Settings, shots: int | None) -> Effort:
        """One circuit a proposal, all of whose bits are coupled."""
        bits = min(sum(problem.space.shape), max(QUBITS, len(problem.space.choices)))
        count, layers, couplings = (
            len(proposals(problem, trainings)),
            int(settings["layers"]),
            bits * (bits - 1) // 2,
        )
        demand = qaoa.demand(bits, couplings, layers, shots or SHOTS, circuits=count)
        flops = count * qaoa.simulation_flops(bits, couplings, layers)
        steps = float(count * settings["steps"])
        return Effort(demand, {"engine_call": float(count), "iteration": steps}, flops)
