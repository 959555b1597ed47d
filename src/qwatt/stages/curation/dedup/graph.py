"""The graph of near duplicates, after exact copies and crowds of one template were collapsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.boilerplate import as_kind, corpus_shingles
from qwatt.stages.curation.dedup.crowds import collapse
from qwatt.stages.curation.dedup.lsh import Edge, buckets, signatures
from qwatt.stages.curation.dedup.overlaps import Overlaps
from qwatt.stages.curation.dedup.pairs import pairs_above
from qwatt.stages.curation.dedup.problem import DedupProblem, Removal
from qwatt.stages.curation.dedup.shingles import ShingleSets, shingle_normalised
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


@dataclass
class _Planned:
    """What plans of one problem have in common."""

    texts: dict[str, _Distinct] = field(default_factory=dict)
    shingles: dict[tuple[str, str], ShingleSets] = field(default_factory=dict)
    signed: dict[tuple[str, str], _Signed] = field(default_factory=dict)
    joined: dict[tuple[str, float, str], DuplicateGraph] = field(default_factory=dict)


_planned: WeakKeyDictionary[DedupProblem, _Planned] = WeakKeyDictionary()


def planned_graph(
    problem: DedupProblem, kind: str, threshold: float, normalisation: str = "signs"
) -> DuplicateGraph:
    """Return the same graph as `duplicate_graph`, remembered: for plans, which are not measured."""
    known = _planned.setdefault(problem, _Planned())
    key = (kind, threshold, normalisation)
    if key not in known.joined:
        if key[::2] not in known.signed:
            known.signed[key[::2]] = _planned_signed(problem, known, kind, normalisation)
        known.joined[key] = _joined(problem, known.signed[key[::2]], threshold)
    return known.joined[key]


def _planned_signed(problem: DedupProblem, known: _Planned, kind: str, normalisation: str) -> _Signed:
    if normalisation not in known.texts:
        known.texts[normalisation] = _distinct(problem, normalisation)
    texts = known.texts[normalisation]
    runs = kind.replace("own", "word")  # the same runs, of which boilerplate is left out
    if (runs, normalisation) not in known.shingles:
        known.shingles[runs, normalisation] = shingle_normalised(texts.texts, runs)
    return _signed(texts, as_kind(known.shingles[runs, normalisation], kind), problem.seed)


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
    texts = _distinct(problem, normalisation)
    return _joined(problem, _signed(texts, corpus_shingles(texts.texts, kind), problem.seed), threshold)


@dataclass(frozen=True)
class _Distinct:
    """Documents of distinct text, normalised, and the copies of them."""

    copies: dict[int, int]
    names: NDArray[np.int64]
    texts: list[str]


def _distinct(problem: DedupProblem, normalisation: str) -> _Distinct:
    texts = [normalise(text, normalisation) for text in problem.texts]
    copies = exact_copies(texts, problem.weights)
    names = [i for i in range(len(problem)) if i not in copies]
    return _Distinct(copies, np.array(names, dtype=np.int64), [texts[i] for i in names])


@dataclass(frozen=True)
class _Signed:
    """The same documents' signatures and overlaps, before any threshold."""

    copies: dict[int, int]
    names: NDArray[np.int64]
    overlaps: Overlaps
    digests: NDArray[np.uint32]


def _signed(texts: _Distinct, shingles: ShingleSets, seed: int) -> _Signed:
    return _Signed(texts.copies, texts.names, Overlaps(shingles), signatures(shingles, seed))


def _joined(problem: DedupProblem, signed: _Signed, threshold: float) -> DuplicateGraph:
    copies, names, overlaps, digests = signed.copies, signed.names, signed.overlaps, signed.digests
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
