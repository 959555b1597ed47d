"""MinHash with locality-sensitive hashing, every candidate verified by its exact Jaccard similarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.method import Context, Effort, Kind, Method, Plan, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import minhash_graph
from qwatt.stages.curation.dedup.keeping import keep_heaviest
from qwatt.stages.curation.dedup.problem import TASK, DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.work import hashing_operations


@method
class MinHash(Method[DedupProblem, DedupAnswer]):
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

    def run(self, problem: DedupProblem, settings: Settings, context: Context) -> Solution[DedupAnswer]:
        """Return the keep-set; answer is a `DedupAnswer`."""
        graph = minhash_graph(problem, settings["shingles"], settings["threshold"], context)
        with context.phase(Ring.KERNEL, "solve"):
            return Solution(keep_heaviest(graph, problem.weights))

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the hashing, which outweighs the rest; there are no circuits."""
        return Plan(Effort(work={"gemm_flop": hashing_operations(problem)}))
