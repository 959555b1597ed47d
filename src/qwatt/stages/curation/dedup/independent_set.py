"""What the independent-set methods share: the graph of near duplicates, of which they choose what to keep."""

from __future__ import annotations

from abc import abstractmethod

from qwatt.core.method import Context, Effort, Ring, Settings
from qwatt.stages.curation.dedup.graph import DuplicateGraph, duplicate_graph
from qwatt.stages.curation.dedup.keeping import keep_independent
from qwatt.stages.curation.dedup.method import DedupMethod, Notes
from qwatt.stages.curation.dedup.planned import planned_form, planned_graph
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.work import shingled_bytes

SHINGLES = ("char5", "word3", "own3")
THRESHOLDS = (0.6, 0.8, 0.45, 0.3)
"""As for MinHash. Edges of embeddings joined to these found nothing more on Shakespeare, for 100 times the
energy, so they are not among the choices."""


class IndependentSet(DedupMethod):
    """Base: build the graph, choose an independent set of it, keep that."""

    def keep(self, problem: DedupProblem, settings: Settings, context: Context) -> tuple[DedupAnswer, Notes]:
        """Return the chosen set with what dominates the rest."""
        with context.phase(Ring.KERNEL, "hash"):
            graph = self.graph(problem, settings)
        chosen, notes = self.choose(problem, graph, settings, context)
        notes |= {"crowds_collapsed": len(graph.hubs), "buckets_capped": graph.capped}
        return keep_independent(graph, chosen), notes

    @staticmethod
    def graph(problem: DedupProblem, settings: Settings) -> DuplicateGraph:
        """Return the graph of near duplicates."""
        return duplicate_graph(problem, settings["shingles"], settings["threshold"], settings["normalise"])

    @staticmethod
    def planned(problem: DedupProblem, settings: Settings) -> DuplicateGraph:
        """Return the graph of a plan: of many documents that of the first form of shingles."""
        kind = planned_form(problem, settings["shingles"], SHINGLES[0])
        return planned_graph(problem, kind, settings["threshold"], settings["normalise"])

    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """Shingling and hashing, which outweigh the rest."""
        return Effort(work=shingled_bytes(problem))

    @abstractmethod
    def choose(
        self, problem: DedupProblem, graph: DuplicateGraph, settings: Settings, context: Context
    ) -> tuple[list[int], Notes]:
        """Return vertices of the graph, no two joined by an edge, and notes."""
