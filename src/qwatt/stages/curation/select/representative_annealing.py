"""Representative selection by simulated annealing, with the number of chosen examples as a penalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.cardinality import penalised_solve
from qwatt.stages.curation.select.method import COMMON
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representative_method import GRAPH, SOURCES, graph_flop
from qwatt.stages.curation.select.representative_windows import WindowedRepresentative
from qwatt.stages.curation.select.windows import Solve

if TYPE_CHECKING:
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    samplers, qubo = lazy("dwave.samplers"), lazy("qwatt.quantum.qubo")

_SWEEPS = 200


class PenalisedRepresentative(WindowedRepresentative):
    """Base: reads of an unconstrained sampler, brought back to the budget; one-swap search ends the best.

    Single flips, of which such samplers are made, hardly cross the penalty.
    """

    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | GRAPH | {"reads": (10,)}
    companions: ClassVar[tuple[str, ...]] = ("representative-one-swap", "representative-greedy", "random")
    width: ClassVar[int] = 64
    sweeps: ClassVar[int] = 6  # about as many windows as the circuits get

    def sampler(self, context: Context) -> qubo.QuboSampler:
        """Return the sampler."""
        return qubo.get_sampler("annealing", sweeps=_SWEEPS)

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Sample with the penalty, which couples every pair."""
        return penalised_solve(self.sampler(context), int(settings["reads"]), context.rng)


@method
class RepresentativeAnnealing(PenalisedRepresentative):
    """Simulated annealing on windows of 64 examples."""

    name: ClassVar[str] = "representative-annealing"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "doi:10.1126/science.220.4598.671", "arXiv:1302.5843")

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """Proposals of every read, each of a bit that is coupled with all others of its window."""
        proposals = self.windows(problem) * settings["reads"] * _SWEEPS * 2 * self.half(problem)
        return Effort(work={"spin_update": float(proposals), "gemm_flop": graph_flop(problem)})
