"""What all searches share: a common start, one proposal after another, and when to end."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.effort import Effort, Plan
from qwatt.core.method import Context, Method, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.threads import one_thread
from qwatt.stages.architecture.search.history import Search
from qwatt.stages.architecture.search.problem import TASK, SearchAnswer, SearchProblem

COMMON: dict[str, Sequence[Any]] = {"trainings": (0,), "energy_j": (0.0,), "price": (0.0,), "weight": (0.0,)}
"""Budget and worth, which a user may fix; `Search` says what they mean."""

Propose = Callable[[Search], int]
"""From what was tried to the number of the next point."""


class SearchMethod(Method[SearchProblem, SearchAnswer]):
    """Base of the searches; one gives `proposer`.

    None is tuned: another setting of a search would take another search's trainings. All have the defaults of
    their sources.
    """

    task: ClassVar[str] = TASK
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON
    stochastic: ClassVar[bool] = True

    @abstractmethod
    def proposer(self, problem: SearchProblem, settings: Settings, context: Context) -> Propose:
        """Return what proposes the next point, one without a full training."""

    def run(self, problem: SearchProblem, settings: Settings, context: Context) -> Solution[SearchAnswer]:
        """Train the common start, then what is proposed, until a limit is reached."""
        search = Search(problem, settings, context)
        with one_thread():
            with context.phase(Ring.LOADING, "begin"):
                propose = self.proposer(problem, settings, context)
            for point in problem.start:
                if not search.stopped:
                    search.train(point)
            while not search.stopped:
                with context.phase(Ring.OUTER, "propose"):
                    point = propose(search)
                search.train(point)
        return self.solution(search)

    def solution(self, search: Search, **projected: float) -> Solution[SearchAnswer]:
        """Return the best point with what was executed and why the search ended."""
        failed = [one for one in search.tried if one.loss is None]
        counters = {"trainings": len(search.tried), "full_trainings": search.spent, "failed": len(failed)}
        notes: dict[str, Any] = {"stopped": search.stopped}
        if failed:
            notes["failures"] = list(dict.fromkeys(one.error for one in failed))[:3]
        return Solution(search.answer(), counters, dict(projected), notes)

    def plan(self, problem: SearchProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the proposals' work and the trainings'; a live training's is known once it ran."""
        trainings = self.trainings(problem, settings)
        note = f"{trainings} trainings; {problem.objective.cost_note}"
        once = trainings_effort(problem, trainings)
        return Plan(self.effort(problem, trainings, settings, shots), once=once, note=note)

    def trainings(self, problem: SearchProblem, settings: Settings) -> int:
        """Return the full trainings that a search makes, if nothing ends it before."""
        return min(int(settings["trainings"]) or problem.trainings, problem.space.size)

    def effort(self, problem: SearchProblem, trainings: int, settings: Settings, shots: int | None) -> Effort:
        """Return what the proposals of a search with so many trainings take; by default next to nothing."""
        return Effort(work={"fit": float(trainings)})


def trainings_effort(problem: SearchProblem, trainings: int) -> Effort:
    """Return the work of so many full trainings; unknown where none was ever measured."""
    seconds = problem.objective.training_seconds
    return Effort(work=None if seconds is None else {"core_second": trainings * seconds})


def proposals(problem: SearchProblem, trainings: int) -> range:
    """Return by proposal the number of points that are known before it, if no training fails."""
    return range(min(len(problem.start), trainings), trainings)
