"""Greedy independent sets, and cutting large components down to a size that a QPU takes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.components import adjacency, connected_components
from qwatt.stages.curation.dedup.graph import DuplicateGraph
from qwatt.stages.curation.dedup.lsh import Edge

Pieces = list[tuple[list[int], NDArray[np.int64]]]
"""Vertices and edges of each, the latter numbered by position within it, shape (m, 2)."""

Rule = Callable[[int, float], float]
"""Called with degree and weight; the vertex with the largest value is kept next. It falls with the degree."""

RULES: Mapping[str, Rule] = {
    "gwmin": lambda degree, weight: weight / (degree + 1),
    "min-degree": lambda degree, weight: -degree,
    "heaviest": lambda degree, weight: weight,
}
"""GWMIN is by Sakai, Togasaki and Yamazaki, doi:10.1016/S0166-218X(02)00205-6."""

ROUND = 10
"""Peeling keeps a vertex in so many of a component before it looks again at what is left."""


def greedy_keep(vertices: list[int], edges: list[Edge], weights: NDArray[np.float64], rule: str) -> list[int]:
    """Return a maximal independent set: keep the best vertex by the rule, drop its neighbours, repeat."""
    return sorted(_taken(adjacency(vertices, edges), weights, RULES[rule]))


def peel(
    vertices: list[int], edges: list[Edge], weights: NDArray[np.float64], largest: int
) -> tuple[list[int], list[list[int]]]:
    """Cut one component until no piece has more than `largest` vertices.

    Rule: while a component is too large, keep its vertices of fewest neighbours (the heavier, then the lower
    of equals) one after the other, dropping the neighbours of each, until it has lost a share of
    1/`ROUND`; then look at the components that are left.

    Returns:
        The vertices that were kept on the way, and the pieces that are left.
    """
    kept: list[int] = []
    pieces: list[list[int]] = []
    todo = [(vertices, edges)]
    while todo:
        group, own = todo.pop()
        if len(group) <= largest:
            pieces.append(group)
            continue
        neighbours = adjacency(group, own)
        enough = len(group) - max(1, len(group) // ROUND)
        for vertex in _taken(neighbours, weights, RULES["min-degree"]):
            kept.append(vertex)
            if len(neighbours) <= enough:
                break
        todo += _parts(neighbours, own)
    return kept, sorted(pieces)


def _parts(left: Collection[int], edges: list[Edge]) -> list[tuple[list[int], list[Edge]]]:
    """Return the components of what is left, each with its edges."""
    present = set(left)
    inside = [(i, j) for i, j in edges if i in present and j in present]
    groups = connected_components(left, inside)
    member = {v: n for n, group in enumerate(groups) for v in group}
    own: list[list[Edge]] = [[] for _ in groups]
    for i, j in inside:
        own[member[i]].append((i, j))
    return list(zip(groups, own, strict=True))


def _taken(neighbours: dict[int, set[int]], weights: NDArray[np.float64], rule: Rule) -> Iterator[int]:
    """Yield the best vertex by the rule, removed with its neighbours from the graph, until none is left."""

    def entry(v: int) -> tuple[float, float, int]:
        return -rule(len(neighbours[v]), float(weights[v])), -float(weights[v]), v

    heap = [entry(v) for v in neighbours]
    heapq.heapify(heap)
    while heap:
        top = heapq.heappop(heap)
        best = top[2]
        if best not in neighbours or top != entry(best):
            continue  # removed, or entered again with fewer neighbours
        touched: set[int] = set()
        for gone in [*neighbours[best], best]:
            touched |= neighbours.pop(gone)
        for other in touched & neighbours.keys():
            neighbours[other] &= neighbours.keys()
            heapq.heappush(heap, entry(other))
        yield best


def cut_to_fit(
    graph: DuplicateGraph, weights: NDArray[np.float64], largest: int
) -> tuple[list[int], Pieces, int]:
    """Return (vertices kept without a circuit, pieces, number of peeled components)."""
    joined = {v for edge in graph.edges for v in edge}
    keep = [v for v in graph.vertices if v not in joined]
    pieces = []
    peeled = 0
    for group, edges in _parts(joined, list(graph.edges)):
        kept, parts = peel(group, edges, weights, largest)
        keep += kept
        peeled += bool(kept)
        home = {v: n for n, part in enumerate(parts) for v in part}
        own: list[list[Edge]] = [[] for _ in parts]
        for i, j in edges:
            if i in home and j in home:  # the parts are components, so that both are in the same
                own[home[i]].append((i, j))
        for part, inside in zip(parts, own, strict=True):
            if len(part) == 1:
                keep += part
                continue
            place = {v: n for n, v in enumerate(part)}
            numbered = np.array([(place[i], place[j]) for i, j in inside], dtype=np.int64)
            pieces.append((part, numbered))
    return keep, pieces, peeled
