"""What the independent-set methods share: the graph they tune and the rings they open."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from qwatt.core.method import Context, Effort, Method, Plan, Settings
from qwatt.core.problem import Solution
from qwatt.stages.curation.dedup.graph import DuplicateGraph, minhash_graph
from qwatt.stages.curation.dedup.keeping import keep_independent
from qwatt.stages.curation.dedup.problem import TASK, DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.work import hashing_operations

SHINGLES = "char5"
THRESHOLDS = (0.5, 0.3, 0.7)
"""As for MinHash. Edges of embeddings joined to these found nothing more on Shakespeare, for 100 times the
energy, so they are not among the choices."""


class IndependentSet(Method[DedupProblem, DedupAnswer]):
    """Base: build the candidate graph, choose an independent set of it, keep that."""

    task: ClassVar[str] = TASK

    def run(self, problem: DedupProblem, settings: Settings, context: Context) -> Solution[DedupAnswer]:
        """Return the keep-set; answer is a `DedupAnswer`."""
        graph = minhash_graph(problem, SHINGLES, settings["threshold"], context)
        keep, notes = self.choose(problem, graph, settings, context)
        return Solution(keep_independent(graph, keep), notes=notes)

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the hashing, which outweighs the rest; there are no circuits."""
        return Plan(Effort(work={"gemm_flop": hashing_operations(problem)}))

    @abstractmethod
    def choose(
        self, problem: DedupProblem, graph: DuplicateGraph, settings: Settings, context: Context
    ) -> tuple[list[int], dict[str, Any]]:
        """Return vertices of the graph, no two joined by an edge, and notes."""
