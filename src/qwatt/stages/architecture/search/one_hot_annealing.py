"""The factorisation machine's QUBO by simulated annealing (FMQA without a quantum annealer)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.architecture.search.factorisation import Bits, Values
from qwatt.stages.architecture.search.method import COMMON, proposals
from qwatt.stages.architecture.search.one_hot import MACHINE, QUBITS, OneHotSearch, Window
from qwatt.stages.architecture.search.problem import SearchProblem

if TYPE_CHECKING:
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    samplers = lazy("dwave.samplers")
    qubo = lazy("qwatt.quantum.qubo")

_SWEEPS = 200


@method
class AnnealingOneHot(OneHotSearch):
    """A few annealed reads a proposal on the same QUBO as QAOA."""

    name: ClassVar[str] = "annealing-one-hot"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2507.18003", "doi:10.1126/science.220.4598.671")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | MACHINE | {"reads": (20,)}

    def solve(
        self, linear: Values, quadratic: Values, window: Window, settings: Settings, context: Context
    ) -> Bits:
        """Anneal."""
        bqm = qubo.bqm_from_arrays(linear, quadratic)
        sampler = qubo.get_sampler("annealing", sweeps=_SWEEPS)
        found = sampler.sample(bqm, int(settings["reads"]), int(context.rng.integers(2**31)))
        return qubo.ordered_reads(found)

    def effort(self, problem: SearchProblem, trainings: int, settings: Settings, shots: int | None) -> Effort:
        """Count proposals of every read, and the machine's steps."""
        bits, count = min(sum(problem.space.shape), QUBITS), len(proposals(problem, trainings))
        updates = float(count * settings["reads"] * _SWEEPS * bits)
        return Effort(work={"spin_update": updates, "iteration": float(count * settings["steps"])})
