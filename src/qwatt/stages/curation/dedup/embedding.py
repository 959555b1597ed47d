"""Near duplicates by meaning: sentence embeddings and their exact cosine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Effort, Kind, Plan, Ring, Settings
from qwatt.core.progress import told
from qwatt.core.registry import method
from qwatt.language import Vectors, embed_long, get_encoder
from qwatt.stages.curation.dedup.graph import exact_copies
from qwatt.stages.curation.dedup.keeping import keep_leaders
from qwatt.stages.curation.dedup.leaders import Stars
from qwatt.stages.curation.dedup.method import COMMON, DedupMethod, Notes
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.text import is_short, normalise
from qwatt.stages.curation.dedup.work import compared, encoded, normalised_bytes

_BLOCK = 512


@method
class EmbeddingSimilarity(DedupMethod):
    """Embed (long documents by evenly spaced pieces), and let the document of most words lead its neighbours.

    Texts of a few words are left to exact comparison: an encoder cannot tell one sign from another.
    """

    name: ClassVar[str] = "embedding"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2303.09540", "arXiv:1908.10084")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {
        "threshold": (0.9, 0.78, 0.80, 0.82, 0.84, 0.86, 0.88, 0.92, 0.94, 0.96, 0.98, 0.99)
    }

    def keep(self, problem: DedupProblem, settings: Settings, context: Context) -> tuple[DedupAnswer, Notes]:
        """Collapse exact copies, embed the rest, and find its stars."""
        with context.phase(Ring.KERNEL, "hash"):
            plain = [normalise(text, settings["normalise"]) for text in problem.texts]
            copies = exact_copies(plain, problem.weights)
            names = [i for i in range(len(problem)) if i not in copies]
            texts = [problem.texts[i] for i in names]
        encoder = get_encoder(problem.encoder)
        vectors = context.shared(Ring.LOADING, "embed", lambda: embed_long(encoder, texts))
        with context.phase(Ring.KERNEL, "solve"):
            long = [n for n, i in enumerate(names) if not is_short(plain[i])]
            found = cosine_stars(vectors, problem.weights[names], settings["threshold"], long)
            return keep_leaders(names, copies, found), {"encoder": problem.encoder}

    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """The cosines."""
        return Effort(work=normalised_bytes(problem) | compared(problem))

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the host's work; the encoder's vectors are kept from setting to setting."""
        return Plan(self.work(problem, settings), once=Effort(work=encoded(problem)))


def cosine_stars(
    vectors: Vectors, worth: NDArray[np.float64], threshold: float, among: Sequence[int] | None = None
) -> Stars:
    """Return the stars of unit vectors of at least this cosine, shape (documents, dimensions); exact.

    Args:
        vectors: of the documents.
        worth: the worthiest lead; of equals the first.
        threshold: least cosine of a follower to its leader.
        among: documents that may follow or be followed; None for all.
    """
    leader = np.arange(len(vectors), dtype=np.int64)
    similarity = np.ones(len(vectors))
    chosen = leader if among is None else np.array(among, dtype=np.int64)
    order = chosen[np.argsort(-worth[chosen], kind="stable")]
    leaders = np.zeros(0, dtype=np.int64)
    for start in told(range(0, len(order), _BLOCK), "blocks of documents compared", every=1):
        block = order[start : start + _BLOCK]
        cosine = vectors[block] @ vectors[np.concatenate([leaders, block])].T
        known = len(leaders)
        open_columns = np.concatenate([np.ones(known, dtype=bool), np.zeros(len(block), dtype=bool)])
        columns = np.concatenate([leaders, block])
        for n, row in enumerate(cosine):
            candidates = np.where(open_columns, row, -1.0)
            best = int(candidates.argmax()) if len(candidates) else 0
            if len(columns) and candidates[best] >= threshold:
                leader[block[n]], similarity[block[n]] = columns[best], float(row[best])
            else:
                open_columns[known + n] = True
        leaders = columns[open_columns]
    return Stars(leader, similarity)
