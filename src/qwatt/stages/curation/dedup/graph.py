"""The graph of near duplicates, after exact copies and crowds of one template were collapsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.boilerplate import corpus_shingles
from qwatt.stages.curation.dedup.crowds import collapse
from qwatt.stages.curation.dedup.lsh import Edge, buckets, signatures
from qwatt.stages.curation.dedup.pairs import pairs_above
from qwatt.stages.curation.dedup.problem import DedupProblem, Removal
from qwatt.stages.curation.dedup.shingles import Shingles
from qwatt.stages.curation.dedup.text import normalise

SAME = "same text"
NEAR = "near duplicate"


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


_Planned = tuple[dict[tuple[str, str], "_Signed"], dict[tuple[str, float, str], DuplicateGraph]]
_planned: WeakKeyDictionary[DedupProblem, _Planned] = WeakKeyDictionary()


def planned_graph(
    problem: DedupProblem, kind: str, threshold: float, normalisation: str = "signs"
) -> DuplicateGraph:
    """Return the same graph as `duplicate_graph`, remembered: for plans, which are not measured."""
    signed, joined = _planned.setdefault(problem, ({}, {}))
    if (kind, normalisation) not in signed:
        signed[kind, normalisation] = _signed(problem, kind, normalisation)
    key = (kind, threshold, normalisation)
    if key not in joined:
        joined[key] = _joined(problem, signed[kind, normalisation], threshold)
    return joined[key]


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
    return _joined(problem, _signed(problem, kind, normalisation), threshold)


@dataclass(frozen=True)
class _Signed:
    """Documents of distinct text with their shingles and signatures, before any threshold."""

    copies: dict[int, int]
    names: NDArray[np.int64]
    shingles: list[Shingles]
    digests: NDArray[np.uint32]


def _signed(problem: DedupProblem, kind: str, normalisation: str) -> _Signed:
    texts = [normalise(text, normalisation) for text in problem.texts]
    copies = exact_copies(texts, problem.weights)
    names = np.array([i for i in range(len(problem)) if i not in copies], dtype=np.int64)
    shingles = corpus_shingles([texts[i] for i in names], kind)
    return _Signed(copies, names, shingles, signatures(shingles, problem.seed))


def _joined(problem: DedupProblem, signed: _Signed, threshold: float) -> DuplicateGraph:
    copies, names, shingles, digests = signed.copies, signed.names, signed.shingles, signed.digests
    homes = buckets(digests, threshold)
    crowds = collapse(shingles, digests, homes, problem.weights[names], threshold)
    settled = {
        int(names[i]): Removal(int(names[hub]), similarity, NEAR)
        for i, (hub, similarity) in crowds.followers.items()
    }
    found = pairs_above(shingles, digests, homes, threshold)
    edges = {(int(names[i]), int(names[j])): similarity for (i, j), similarity in sorted(found.items())}
    hubs = tuple(sorted(int(names[hub]) for hub in crowds.hubs))
    gone = settled.keys() | set(hubs)
    vertices = tuple(i for i in names.tolist() if i not in gone)
    return DuplicateGraph(vertices, edges, copies, settled, hubs, crowds.capped)
