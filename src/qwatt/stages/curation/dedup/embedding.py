"""Near duplicates by meaning: sentence embeddings and their exact cosine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.method import Context, Kind, Method, Plan, Settings
from qwatt.core.problem import Problem, Solution
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import embedding_graph
from qwatt.stages.curation.dedup.keeping import keep_heaviest
from qwatt.stages.curation.dedup.problem import TASK, DedupProblem
from qwatt.stages.curation.dedup.work import cosine_operations, embedding_operations


@method
class Embedding(Method):
    """Embed (long documents by evenly spaced pieces), compare all pairs, keep the heaviest of a component."""

    name: ClassVar[str] = "embedding"
    task: ClassVar[str] = TASK
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2303.09540", "arXiv:1908.10084")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "threshold": (0.85, 0.78, 0.80, 0.82, 0.88, 0.90, 0.92, 0.94, 0.96)
    }
    imports: ClassVar[tuple[str, ...]] = ("torch", "tokenizers", "transformers.models.bert.modeling_bert")

    def run(self, problem: Problem, settings: Settings, context: Context) -> Solution:
        """Return the keep-set; answer is a `DedupAnswer`."""
        assert isinstance(problem, DedupProblem)
        graph = embedding_graph(problem, settings["threshold"], context)
        with context.phase("solve"):
            return Solution(keep_heaviest(graph, problem.weights), notes={"encoder": problem.encoder})

    def plan(self, problem: Problem, settings: Settings, shots: int | None) -> Plan:
        """Count the encoder, whose vectors are kept, and the cosines; there are no circuits."""
        assert isinstance(problem, DedupProblem)
        return Plan(flops=cosine_operations(problem), once_flops=embedding_operations(problem))
