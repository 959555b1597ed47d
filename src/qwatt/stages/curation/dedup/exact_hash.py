"""Same text: the cheapest baseline, and the first step of every other method."""

from __future__ import annotations

from typing import ClassVar

from qwatt.core.method import Context, Effort, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import exact_copies
from qwatt.stages.curation.dedup.keeping import completed
from qwatt.stages.curation.dedup.method import DedupMethod, Notes
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.text import normalise
from qwatt.stages.curation.dedup.work import normalised_bytes


@method
class ExactHash(DedupMethod):
    """Keep one of all documents of the same normalised text."""

    name: ClassVar[str] = "exact-hash"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("sort and hash",)

    def keep(self, problem: DedupProblem, settings: Settings, context: Context) -> tuple[DedupAnswer, Notes]:
        """Look every text up among the others."""
        with context.phase(Ring.KERNEL, "hash"):
            texts = [normalise(text, settings["normalise"]) for text in problem.texts]
            copies = exact_copies(texts, problem.weights)
            return completed(range(len(problem)), copies, {}, {}), {}

    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """One pass over the characters."""
        return Effort(work=normalised_bytes(problem))
