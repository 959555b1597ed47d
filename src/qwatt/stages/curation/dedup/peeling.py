"""Greedy independent sets, and cutting large components down to a size that a QPU takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.graph import adjacency, connected_components
from qwatt.stages.curation.dedup.lsh import Edge

Rule = Callable[[int, int, float], float]
"""Called with vertex, degree and weight; the vertex with the largest value is kept next."""

RULES: Mapping[str, Rule] = {
    "gwmin": lambda vertex, degree, weight: weight / (degree + 1),
    "min-degree": lambda vertex, degree, weight: -degree,
    "heaviest": lambda vertex, degree, weight: weight,
}
"""GWMIN is by Sakai, Togasaki and Yamazaki, doi:10.1016/S0166-218X(02)00205-6."""


def greedy_keep(vertices: list[int], edges: list[Edge], weights: NDArray[np.float64], rule: str) -> list[int]:
    """Return a maximal independent set: keep the best vertex by the rule, drop its neighbours, repeat."""
    everywhere = adjacency(vertices, edges)
    keep = []
    for group in connected_components(vertices, edges):
        neighbours = {v: everywhere[v] for v in group}
        while neighbours:
            keep.append(_take(neighbours, weights, RULES[rule]))
    return sorted(keep)


def peel(
    vertices: list[int], edges: list[Edge], weights: NDArray[np.float64], largest: int
) -> tuple[list[int], list[list[int]]]:
    """Cut one component until no piece has more than `largest` vertices.

    Rule: while a component is too large, keep its vertex of fewest neighbours (the heavier, then the lower
    of equals), drop these neighbours, and look at the components that are left.

    Returns:
        The vertices that were kept on the way, and the pieces that are left.
    """
    kept: list[int] = []
    pieces: list[list[int]] = []
    todo = [vertices]
    while todo:
        group = todo.pop()
        if len(group) <= largest:
            pieces.append(group)
            continue
        inside = set(group)
        own = [(i, j) for i, j in edges if i in inside and j in inside]
        neighbours = adjacency(group, own)
        kept.append(_take(neighbours, weights, RULES["min-degree"]))
        left = [(i, j) for i, j in own if i in neighbours and j in neighbours]
        todo += connected_components(neighbours, left)
    return kept, sorted(pieces)


def _take(neighbours: dict[int, set[int]], weights: NDArray[np.float64], rule: Rule) -> int:
    """Choose a vertex by the rule, and remove it and its neighbours from the graph."""
    best = max(neighbours, key=lambda v: (rule(v, len(neighbours[v]), float(weights[v])), weights[v], -v))
    for gone in [*neighbours[best], best]:
        for other in neighbours.pop(gone):
            if other in neighbours:
                neighbours[other].discard(gone)
    return best
