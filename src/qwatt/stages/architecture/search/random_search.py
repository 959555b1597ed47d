"""Random search: every point that was not tried is as likely as any other."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.architecture.search.history import Search
from qwatt.stages.architecture.search.method import Propose, SearchMethod
from qwatt.stages.architecture.search.problem import SearchProblem


@method
class RandomSearch(SearchMethod):
    """Uniform draws without replacement, after the common Latin-hypercube start."""

    name: ClassVar[str] = "random"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("Bergstra and Bengio, JMLR 13 (2012) 281",)

    def proposer(self, problem: SearchProblem, settings: Settings, context: Context) -> Propose:
        """Draw."""

        def propose(search: Search) -> int:
            return int(context.rng.choice(search.untried))

        return propose

    def effort(self, problem: SearchProblem, trainings: int, settings: Settings, shots: int | None) -> Effort:
        """Return nothing worth counting."""
        return Effort()
