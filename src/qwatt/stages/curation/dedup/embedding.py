"""Near duplicates by meaning: sentence embeddings and their exact cosine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.method import Context, Effort, Kind, Method, Plan, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import embedding_graph
from qwatt.stages.curation.dedup.keeping import keep_heaviest
from qwatt.stages.curation.dedup.problem import TASK, DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.work import cosine_operations, embedding_operations


@method
class Embedding(Method[DedupProblem, DedupAnswer]):
    """Embed (long documents by evenly spaced pieces), compare all pairs, keep the heaviest of a component."""

    name: ClassVar[str] = "embedding"
    task: ClassVar[str] = TASK
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2303.09540", "arXiv:1908.10084")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "threshold": (0.85, 0.78, 0.80, 0.82, 0.88, 0.90, 0.92, 0.94, 0.96)
    }

    def run(self, problem: DedupProblem, settings: Settings, context: Context) -> Solution[DedupAnswer]:
        """Return the keep-set; answer is a `DedupAnswer`."""
        graph = embedding_graph(problem, settings["threshold"], context)
        with context.phase(Ring.KERNEL, "solve"):
            return Solution(keep_heaviest(graph, problem.weights), notes={"encoder": problem.encoder})

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the encoder, whose vectors are kept, and the cosines; there are no circuits."""
        return Plan(
            Effort(work={"gemm_flop": cosine_operations(problem)}),
            once=Effort(work={"gemm_flop": embedding_operations(problem)}),
        )
