"""Same words in the same order: the cheapest baseline, and the first step of every other method."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Context, Kind, Method, Settings
from qwatt.core.problem import Problem, Solution
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import exact_graph
from qwatt.stages.curation.dedup.keeping import keep_heaviest
from qwatt.stages.curation.dedup.problem import TASK, DedupProblem


@method
class ExactHash(Method):
    """Keep the first of all documents that have the same words."""

    name: ClassVar[str] = "exact-hash"
    task: ClassVar[str] = TASK
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("sort and hash",)

    def run(self, problem: Problem, settings: Settings, context: Context) -> Solution:
        """Return the keep-set; answer is a `DedupAnswer`."""
        assert isinstance(problem, DedupProblem)
        graph = exact_graph(problem, context)
        return Solution(keep_heaviest(graph, problem.weights))
