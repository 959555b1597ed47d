"""Matching by simulated annealing, with the number of chosen examples as a penalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.cardinality import penalised_solve
from qwatt.stages.curation.select.matching_method import FEATURES, MatchingMethod
from qwatt.stages.curation.select.method import COMMON
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.windows import Solve

if TYPE_CHECKING:
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    samplers = lazy("dwave.samplers")
    qubo = lazy("qwatt.quantum.qubo")


class ByPenalty(MatchingMethod):
    """Base: a sampler, whose reads are brought back to the budget; one-swap search ends what the best began.

    Single flips, of which samplers are made, hardly cross the penalty.

    Class attributes:
        sampler: name of the sampler.
        options: its arguments.
    """

    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | FEATURES | {"reads": (10, 3)}
    companions: ClassVar[tuple[str, ...]] = ("matching-one-swap", "random")
    width: ClassVar[int] = 64
    sampler: ClassVar[str]
    options: ClassVar[Mapping[str, Any]] = {}

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Sample with the penalty."""
        sampler = qubo.get_sampler(self.sampler, **self.options)
        return penalised_solve(sampler, settings["reads"], context.rng)


@method
class MatchingAnnealing(ByPenalty):
    """Simulated annealing on windows of 64 examples."""

    name: ClassVar[str] = "matching-annealing"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = (
        "doi:10.1126/science.220.4598.671",
        "arXiv:1302.5843",
        "arXiv:2103.00123",
    )
    sampler: ClassVar[str] = "annealing"
    options: ClassVar[Mapping[str, int]] = {"sweeps": 200}

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """Proposals of every read, each of a bit that is coupled with all others of its window."""
        proposals = self.windows(problem, settings) * settings["reads"] * self.options["sweeps"] * self.width
        return self.search_effort(problem, settings) + Effort(work={"spin_update": float(proposals)})
