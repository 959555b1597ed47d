"""Every point trained: what a search of the whole table takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.stages.architecture.search.history import Search
from qwatt.stages.architecture.search.method import COMMON, Propose, SearchMethod
from qwatt.stages.architecture.search.problem import SearchAnswer, SearchProblem

UNLIMITED = {name: values for name, values in COMMON.items() if name not in ("trainings", "price")}


class WholeTable(SearchMethod):
    """Base: train every point of a table; of a live space, which may be large, as many as others train."""

    space: ClassVar[Mapping[str, Sequence[Any]]] = UNLIMITED

    def search(self, problem: SearchProblem, settings: Settings, context: Context) -> Search:
        """Return a search whose limit is the number of `items`."""
        limits = {"trainings": items(problem), "price": 0.0}
        return Search(problem, {**settings, **limits}, context)

    def losses(self, search: Search, context: Context) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Train; return the points, ascending, and what they are compared by, infinite where one failed."""
        rest = [
            point for point in context.rng.permutation(search.space.size) if point not in search.problem.start
        ]
        for point in [*search.problem.start, *rest]:
            if search.stopped:
                break
            search.train(int(point))
        points = np.array(sorted(one.point for one in search.tried), dtype=np.int64)
        values = [search.train(int(point)) for point in points]
        return points, np.array([np.inf if value is None else value for value in values])

    def trainings(self, problem: SearchProblem, settings: Settings) -> int:
        """Return the number of `items`."""
        return items(problem)

    def proposer(self, problem: SearchProblem, settings: Settings, context: Context) -> Propose:
        """Take what is left, in any order."""
        return lambda search: int(search.untried[0])


@method
class Exhaustive(WholeTable):
    """Read to the end the table that Grover looks up in superposition: it has to exist either way."""

    name: ClassVar[str] = "exhaustive"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("grid search",)

    def run(self, problem: SearchProblem, settings: Settings, context: Context) -> Solution[SearchAnswer]:
        """Train all and take the least."""
        search = self.search(problem, settings, context)
        self.losses(search, context)
        return self.solution(search)

    def effort(self, problem: SearchProblem, trainings: int, settings: Settings, shots: int | None) -> Effort:
        """Return nothing but the trainings."""
        return Effort()


def items(problem: SearchProblem) -> int:
    """Return how many points are trained."""
    return problem.space.size if problem.objective.tabular else problem.trainings
