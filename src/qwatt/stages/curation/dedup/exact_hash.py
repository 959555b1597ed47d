"""Same words in the same order: the cheapest baseline, and the first step of every other method."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Context, Effort, Kind, Method, Plan, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import exact_graph
from qwatt.stages.curation.dedup.keeping import keep_heaviest
from qwatt.stages.curation.dedup.lsh import HASHES
from qwatt.stages.curation.dedup.problem import TASK, DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.work import hashing_operations


@method
class ExactHash(Method[DedupProblem, DedupAnswer]):
    """Keep the first of all documents that have the same words."""

    name: ClassVar[str] = "exact-hash"
    task: ClassVar[str] = TASK
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("sort and hash",)

    def run(self, problem: DedupProblem, settings: Settings, context: Context) -> Solution[DedupAnswer]:
        """Return the keep-set; answer is a `DedupAnswer`."""
        graph = exact_graph(problem, context)
        return Solution(keep_heaviest(graph, problem.weights))

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Count one pass over the characters; there are no circuits."""
        return Plan(Effort(work={"gemm_flop": hashing_operations(problem) / HASHES}))
