"""What the independent-set methods share: the graph they tune and the rings they open."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from qwatt.core.method import Context, Method, Settings
from qwatt.core.problem import Problem, Solution
from qwatt.stages.curation.dedup.graph import DuplicateGraph, candidate_graph
from qwatt.stages.curation.dedup.keeping import keep_independent
from qwatt.stages.curation.dedup.problem import TASK, DedupProblem

GRAPHS = ("minhash:0.4", "minhash:0.3", "both:0.4:0.9")


class IndependentSet(Method):
    """Base: build the candidate graph, choose an independent set of it, keep that."""

    task: ClassVar[str] = TASK
    imports: ClassVar[tuple[str, ...]] = ("rensa", "dimod", "torch", "tokenizers", "transformers")

    def run(self, problem: Problem, settings: Settings, context: Context) -> Solution:
        """Return the keep-set; answer is a `DedupAnswer`."""
        assert isinstance(problem, DedupProblem)
        graph = candidate_graph(problem, settings["graph"], context)
        keep, notes = self.choose(problem, graph, settings, context)
        return Solution(keep_independent(graph, keep), notes=notes)

    @abstractmethod
    def choose(
        self, problem: DedupProblem, graph: DuplicateGraph, settings: Settings, context: Context
    ) -> tuple[list[int], dict[str, Any]]:
        """Return vertices of the graph, no two joined by an edge, and notes."""
