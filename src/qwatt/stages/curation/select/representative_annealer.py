"""Representative selection on a D-Wave annealer: the windows of simulated annealing, sent to a QPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.method import COMMON
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representative_annealing import PenalisedRepresentative
from qwatt.stages.curation.select.representative_method import GRAPH, SOURCES, graph_flop

if TYPE_CHECKING:
    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import annealing
else:
    qubo, annealing = lazy("qwatt.quantum.qubo"), lazy("qwatt.quantum.primitives.annealing")


@method
class RepresentativeAnnealer(PenalisedRepresentative):
    """One problem a window; the token of D-Wave's service is read from DWAVE_API_TOKEN."""

    name: ClassVar[str] = "representative-annealer"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "arXiv:1302.5843", "arXiv:2507.15063")
    companions: ClassVar[tuple[str, ...]] = ("representative-annealing", *PenalisedRepresentative.companions)
    extra: ClassVar[str] = "dwave"
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | GRAPH | {"reads": (100,)}

    def window(self, context: Context) -> AbstractContextManager[None]:
        """A QPU executes it."""
        return context.circuits()

    def sampler(self, context: Context) -> qubo.QuboSampler:
        """Return the annealer."""
        return qubo.get_sampler("dwave", context.backend)

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """The penalty couples every pair."""
        n, windows = 2 * self.half(problem), self.windows(problem)
        demand = annealing.demand(n, n * (n - 1) // 2, int(settings["reads"]), windows)
        return Effort(demand, {"gemm_flop": graph_flop(problem)})
