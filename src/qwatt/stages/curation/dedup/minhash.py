"""MinHash with locality-sensitive hashing, every candidate verified by its exact Jaccard similarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.method import Context, Kind, Method, Plan, Settings
from qwatt.core.problem import Problem, Solution
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import minhash_graph
from qwatt.stages.curation.dedup.keeping import keep_heaviest
from qwatt.stages.curation.dedup.problem import TASK, DedupProblem
from qwatt.stages.curation.dedup.work import hashing_operations


@method
class MinHash(Method):
    """Shingle, sign with rensa, bucket by bands, verify, keep the heaviest document of every component.

    Different long English texts share up to 0.44 of their 5-character shingles: hence the default of 0.5.
    """

    name: ClassVar[str] = "minhash"
    task: ClassVar[str] = TASK
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("Broder 1997, doi:10.1109/SEQUEN.1997.666900", "arXiv:2406.17557")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "shingles": ("char5", "word3", "word5"),
        "threshold": (0.5, 0.3, 0.7),
    }
    imports: ClassVar[tuple[str, ...]] = ("rensa",)

    def run(self, problem: Problem, settings: Settings, context: Context) -> Solution:
        """Return the keep-set; answer is a `DedupAnswer`."""
        assert isinstance(problem, DedupProblem)
        graph = minhash_graph(problem, settings["shingles"], settings["threshold"], context)
        with context.phase("solve"):
            return Solution(keep_heaviest(graph, problem.weights))

    def plan(self, problem: Problem, settings: Settings, shots: int | None) -> Plan:
        """Count the hashing, which outweighs the rest; there are no circuits."""
        assert isinstance(problem, DedupProblem)
        return Plan(flops=hashing_operations(problem))
