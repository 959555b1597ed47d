"""MinHash with locality-sensitive hashing, every candidate verified by its exact Jaccard similarity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.method import Context, Effort, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.boilerplate import corpus_shingles
from qwatt.stages.curation.dedup.graph import exact_copies
from qwatt.stages.curation.dedup.keeping import keep_leaders
from qwatt.stages.curation.dedup.leaders import stars
from qwatt.stages.curation.dedup.method import COMMON, DedupMethod, Notes
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.text import normalise
from qwatt.stages.curation.dedup.work import shingled_bytes


@method
class MinHash(DedupMethod):
    """Shingle, sign with rensa, bucket by bands, verify; the document of most words leads its neighbours.

    Different long English texts share up to 0.44 of their 5-character shingles, and documents with the same
    licence or template much more: "own" shingles leave that out.
    """

    name: ClassVar[str] = "minhash"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("Broder 1997, doi:10.1109/SEQUEN.1997.666900", "arXiv:2406.17557")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {
        "shingles": ("char5", "word3", "own3"),
        "threshold": (0.6, 0.8, 0.45, 0.3),
    }

    def keep(self, problem: DedupProblem, settings: Settings, context: Context) -> tuple[DedupAnswer, Notes]:
        """Collapse exact copies, then find the stars of the rest."""
        with context.phase(Ring.KERNEL, "hash"):
            texts = [normalise(text, settings["normalise"]) for text in problem.texts]
            copies = exact_copies(texts, problem.weights)
            names = [i for i in range(len(problem)) if i not in copies]
            shingles = corpus_shingles([texts[i] for i in names], settings["shingles"])
        with context.phase(Ring.KERNEL, "solve"):
            found = stars(shingles, problem.weights[names], settings["threshold"], problem.seed)
            notes = {"pairs_verified": found.verified, "buckets_capped": found.capped}
            return keep_leaders(names, copies, found), notes

    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """Shingling and hashing, which outweigh the rest."""
        return Effort(work=shingled_bytes(problem))
