"""Semantic deduplication (SemDeDup, arXiv:2303.09540): near duplicates by meaning, inside clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Effort, Kind, Plan, Ring, Settings
from qwatt.core.registry import method
from qwatt.language import Vectors, embed_long, get_encoder
from qwatt.quantum.algorithms import lloyd
from qwatt.stages.curation.dedup.embedding import cosine_stars
from qwatt.stages.curation.dedup.graph import exact_copies
from qwatt.stages.curation.dedup.keeping import keep_leaders
from qwatt.stages.curation.dedup.leaders import Stars
from qwatt.stages.curation.dedup.method import COMMON, DedupMethod, Notes
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem
from qwatt.stages.curation.dedup.text import is_short, normalise
from qwatt.stages.curation.dedup.work import encoded, normalised_bytes

_cluster = lazy("sklearn.cluster")
ITERATIONS = 10
ORDERS = frozenset({"far", "near"})


@method
class Semantic(DedupMethod):
    """k-means of sentence embeddings; in each cluster documents are compared with the kept ones alone.

    As in the paper the document farthest from its centroid stays, or with `keep` "near" the nearest. Unlike
    there a document is removed only for one that stays. Near duplicates that k-means parts are not found; the
    larger clusters are, the fewer. Texts of a few words are left to exact comparison.
    """

    name: ClassVar[str] = "semantic"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2303.09540", "arXiv:1908.10084")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {
        "threshold": (0.9, 0.78, 0.82, 0.86, 0.94, 0.98),
        "cluster_size": (256, 64),
        "keep": ("far",),
    }
    limits: ClassVar[Mapping[str, Limit]] = {**DedupMethod.limits, "cluster_size": (2, 1e9), "keep": ORDERS}

    def keep(self, problem: DedupProblem, settings: Settings, context: Context) -> tuple[DedupAnswer, Notes]:
        """Collapse exact copies, embed and cluster the rest, and find the stars of every cluster."""
        with context.phase(Ring.KERNEL, "hash"):
            names, copies, long = distinct(problem, settings)
            texts = [problem.texts[i] for i in names]
        encoder = get_encoder(problem.encoder)
        vectors = context.shared(Ring.LOADING, "embed", lambda: embed_long(encoder, texts))
        points = np.asarray(vectors[long], dtype=np.float64)
        clusters = cluster_count(len(long), settings)
        labels, centroids = self.clusters(points, clusters, context) if len(long) else _none(points)
        with context.phase(Ring.KERNEL, "solve"):
            likeness = cosines_to(points, centroids[labels])
            worth = np.full(len(names), 1.0)
            worth[long] = likeness if settings["keep"] == "near" else -likeness
            found = stars_of_clusters(vectors, worth, settings["threshold"], long, labels)
            notes = {"encoder": problem.encoder, "clusters": clusters}
            return keep_leaders(names, copies, found), notes

    def clusters(
        self, points: lloyd.Points, clusters: int, context: Context
    ) -> tuple[lloyd.Labels, lloyd.Points]:
        """Return the cluster of each point and the means, from k-means++ starts."""
        with context.phase(Ring.KERNEL, "cluster"):
            starts = lloyd.starts(points, clusters, context.rng)
            return lloyd.iterate(points, starts, lloyd.nearest, ITERATIONS)

    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """The distances from centroids, and the cosines inside clusters of even size."""
        wide = get_encoder(problem.encoder).dimensions
        documents = float(len(problem))
        clusters = cluster_count(len(problem), settings)
        assigned = 3.0 * documents * clusters * wide * (ITERATIONS + 1)
        work = {"gemm_flop": assigned + wide * documents**2 / clusters, "iteration": float(ITERATIONS)}
        return Effort(work=normalised_bytes(problem) | work)

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the host's work; the encoder's vectors are kept from setting to setting."""
        return Plan(self.work(problem, settings), once=Effort(work=encoded(problem)))


def distinct(problem: DedupProblem, settings: Settings) -> tuple[list[int], dict[int, int], list[int]]:
    """Return documents of distinct text, every other one with its twin, and places of the embedded ones."""
    plain = [normalise(text, settings["normalise"]) for text in problem.texts]
    copies = exact_copies(plain, problem.weights)
    names = [i for i in range(len(problem)) if i not in copies]
    return names, copies, [n for n, i in enumerate(names) if not is_short(plain[i])]


def cluster_count(documents: int, settings: Settings) -> int:
    """Return the number of clusters of about the size that was asked for."""
    return max(1, round(documents / float(settings["cluster_size"])))


def cosines_to(points: lloyd.Points, others: lloyd.Points) -> NDArray[np.float64]:
    """Return the cosine of each point to its own other one, 0 where one of the two has no length."""
    lengths = np.linalg.norm(points, axis=1) * np.linalg.norm(others, axis=1)
    products = np.einsum("nd,nd->n", points, others)
    found = np.divide(products, lengths, out=np.zeros(len(points)), where=lengths > 0)
    return np.asarray(found, dtype=np.float64)


def stars_of_clusters(
    vectors: Vectors,
    worth: NDArray[np.float64],
    threshold: float,
    long: Sequence[int],
    labels: lloyd.Labels,
) -> Stars:
    """Return the stars inside each cluster.

    Args:
        vectors: of unit length, shape (documents, dimensions).
        worth: the worthiest lead, shape (documents,).
        threshold: least cosine of a follower to its leader.
        long: documents that were clustered.
        labels: their clusters, shape (long,).
    """
    leader, similarity = np.arange(len(vectors), dtype=np.int64), np.ones(len(vectors))
    places = np.array(long, dtype=np.int64)
    for label in np.unique(labels):
        members = places[labels == label]
        found = cosine_stars(vectors[members], worth[members], threshold)
        leader[members], similarity[members] = members[found.leader], found.similarity
    return Stars(leader, similarity)


def _none(points: lloyd.Points) -> tuple[lloyd.Labels, lloyd.Points]:
    return np.zeros(0, dtype=np.int64), points
