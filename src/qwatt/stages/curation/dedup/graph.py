"""The graph of near duplicates: verified MinHash pairs, or embedding pairs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Ring
from qwatt.stages.curation.dedup.lsh import Edge, verified_pairs
from qwatt.stages.curation.dedup.problem import DedupProblem
from qwatt.stages.curation.dedup.shingles import shingle

_BLOCK = 2048


@dataclass(frozen=True)
class DuplicateGraph:
    """Near duplicates among the documents of distinct words.

    Args:
        vertices: the documents that no earlier one has the same words as, ascending.
        edges: pairs of vertices (i < j) with their similarity.
        copies: every other document with the vertex that has its words.
    """

    vertices: tuple[int, ...]
    edges: dict[Edge, float]
    copies: dict[int, int]


def exact_graph(problem: DedupProblem, context: Context | None) -> DuplicateGraph:
    """Put aside the documents whose words all occurred before, in the same order; no edges yet."""
    first: dict[str, int] = {}
    copies: dict[int, int] = {}
    with _phase(context, "hash"):
        for i, text in enumerate(problem.texts):
            words = " ".join(re.findall(r"\w+", text.casefold()))
            if (twin := first.setdefault(words, i)) != i:
                copies[i] = twin
    return DuplicateGraph(tuple(first.values()), {}, copies)


def minhash_graph(
    problem: DedupProblem, shingles: str, threshold: float, context: Context | None
) -> DuplicateGraph:
    """Join documents of at least this Jaccard similarity, in the phase "hash"."""
    graph = exact_graph(problem, context)
    with _phase(context, "hash"):
        texts = [problem.texts[i] for i in graph.vertices]
        pairs = verified_pairs(shingle(texts, shingles), threshold, problem.seed)
    return _joined(graph, pairs)


def embedding_graph(problem: DedupProblem, threshold: float, context: Context) -> DuplicateGraph:
    """Join documents of at least this cosine, in the phases "embed" and "graph".

    The cost of cached vectors is charged as it was measured when they were computed.
    """
    from qwatt.language import embed_long, get_encoder

    graph = exact_graph(problem, context)
    texts = [problem.texts[i] for i in graph.vertices]
    vectors = context.shared(Ring.LOADING, "embed", lambda: embed_long(get_encoder(problem.encoder), texts))
    with context.phase(Ring.KERNEL, "graph"):
        pairs = cosine_pairs(vectors, threshold)
    return _joined(graph, pairs)


def cosine_pairs(vectors: NDArray[np.float32], threshold: float) -> dict[Edge, float]:
    """Return the pairs (i < j) of unit vectors with at least this cosine; exact, block by block."""
    found: dict[Edge, float] = {}
    for start in range(0, len(vectors), _BLOCK):
        cosine = vectors[start : start + _BLOCK] @ vectors[start:].T
        rows, columns = np.nonzero(np.triu(cosine >= threshold, k=1))
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
            found[start + i, start + j] = float(cosine[i, j])
    return found


def connected_components(vertices: Iterable[int], edges: Iterable[Edge]) -> list[list[int]]:
    """Return the components of a graph, each ascending, in the order of their smallest vertex."""
    parent = {v: v for v in sorted(vertices)}

    def root(v: int) -> int:
        while parent[v] != v:
            parent[v] = parent[parent[v]]
            v = parent[v]
        return v

    for i, j in edges:
        first, second = sorted((root(i), root(j)))
        parent[second] = first
    groups: dict[int, list[int]] = {}
    for v in parent:
        groups.setdefault(root(v), []).append(v)
    return list(groups.values())


def adjacency(vertices: Iterable[int], edges: Iterable[Edge]) -> dict[int, set[int]]:
    """Return the neighbours of every vertex."""
    neighbours: dict[int, set[int]] = {v: set() for v in vertices}
    for i, j in edges:
        neighbours[i].add(j)
        neighbours[j].add(i)
    return neighbours


def _joined(graph: DuplicateGraph, pairs: dict[Edge, float]) -> DuplicateGraph:
    """Add edges that are numbered by position among the vertices."""
    names: Sequence[int] = graph.vertices
    edges = {(names[i], names[j]): similarity for (i, j), similarity in sorted(pairs.items())}
    return DuplicateGraph(graph.vertices, edges, graph.copies)


def _phase(context: Context | None, name: str) -> AbstractContextManager[Any]:
    return nullcontext() if context is None else context.phase(Ring.KERNEL, name)
