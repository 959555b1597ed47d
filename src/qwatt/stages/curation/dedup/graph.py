"""The graph of near duplicates, after exact copies and crowds of one template were collapsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.boilerplate import corpus_shingles
from qwatt.stages.curation.dedup.crowds import collapse
from qwatt.stages.curation.dedup.lsh import Edge, buckets, signatures
from qwatt.stages.curation.dedup.overlaps import Overlaps
from qwatt.stages.curation.dedup.pairs import pairs_above
from qwatt.stages.curation.dedup.problem import DedupProblem, Removal
from qwatt.stages.curation.dedup.reasons import NEAR
from qwatt.stages.curation.dedup.shingles import Shingles
from qwatt.stages.curation.dedup.text import normalise


@dataclass(frozen=True)
class DuplicateGraph:
    """Near duplicates among documents of distinct text.

    Args:
        vertices: documents that may be kept or removed, ascending.
        edges: pairs of vertices (i < j) with their similarity.
        copies: every document with the text of a worthier one, and that one.
        settled: documents that follow a hub of a crowd, and why.
        hubs: the hubs, which are kept; none has an edge.
        capped: crowded buckets of which some pairs were not compared.
    """

    vertices: tuple[int, ...]
    edges: dict[Edge, float]
    copies: dict[int, int]
    settled: dict[int, Removal]
    hubs: tuple[int, ...] = ()
    capped: int = 0


def exact_copies(texts: Sequence[str], worth: NDArray[np.float64]) -> dict[int, int]:
    """Return the documents that have the text of another one, with the worthiest of these.

    Args:
        texts: the documents, normalised.
        worth: of equals the first stays; shape (documents,).
    """
    best: dict[str, int] = {}
    copies = {}
    for i in told(np.argsort(-worth, kind="stable").tolist(), "documents hashed"):
        if (twin := best.setdefault(texts[i], i)) != i:
            copies[i] = twin
    return copies


def duplicate_graph(
    problem: DedupProblem, kind: str, threshold: float, normalisation: str = "signs"
) -> DuplicateGraph:
    """Join documents of at least this Jaccard similarity.

    Args:
        problem: the corpus.
        kind: kind of shingles.
        threshold: least similarity.
        normalisation: what of a text counts.
    """
    texts = distinct(problem, normalisation)
    return joined(problem, signed(texts, corpus_shingles(texts.texts, kind), problem.seed), threshold)


@dataclass(frozen=True)
class Distinct:
    """Documents of distinct text, normalised, and the copies of them."""

    copies: dict[int, int]
    names: NDArray[np.int64]
    texts: list[str]


def distinct(problem: DedupProblem, normalisation: str) -> Distinct:
    """Return the documents of distinct text, brought into one form."""
    texts = [normalise(text, normalisation) for text in problem.texts]
    copies = exact_copies(texts, problem.weights)
    names = [i for i in range(len(problem)) if i not in copies]
    return Distinct(copies, np.array(names, dtype=np.int64), [texts[i] for i in names])


@dataclass(frozen=True)
class Signed:
    """The same documents' signatures and overlaps, before any threshold."""

    copies: dict[int, int]
    names: NDArray[np.int64]
    overlaps: Overlaps
    digests: NDArray[np.uint32]


def signed(texts: Distinct, shingles: Sequence[Shingles], seed: int) -> Signed:
    """Return the documents with their signatures."""
    return Signed(texts.copies, texts.names, Overlaps(shingles), signatures(shingles, seed))


def joined(problem: DedupProblem, texts: Signed, threshold: float) -> DuplicateGraph:
    """Collapse crowds and join what is at least so similar."""
    copies, names, overlaps, digests = texts.copies, texts.names, texts.overlaps, texts.digests
    homes = buckets(digests, threshold)
    crowds = collapse(overlaps, digests, homes, problem.weights[names], threshold)
    settled = {
        int(names[i]): Removal(int(names[hub]), similarity, NEAR)
        for i, (hub, similarity) in crowds.followers.items()
    }
    found = pairs_above(overlaps, digests, homes, threshold)
    edges = {(int(names[i]), int(names[j])): similarity for (i, j), similarity in sorted(found.items())}
    hubs = tuple(sorted(int(names[hub]) for hub in crowds.hubs))
    gone = settled.keys() | set(hubs)
    vertices = tuple(i for i in names.tolist() if i not in gone)
    return DuplicateGraph(vertices, edges, copies, settled, hubs, crowds.capped)
