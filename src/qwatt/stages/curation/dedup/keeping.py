"""From a graph of near duplicates to the documents that stay and those that stand for the others."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.graph import DuplicateGraph, connected_components
from qwatt.stages.curation.dedup.problem import DedupAnswer, Removal


def keep_heaviest(graph: DuplicateGraph, weights: NDArray[np.float64]) -> DedupAnswer:
    """Keep the heaviest document of every component; of equals the one with the lowest index."""
    dropped: dict[int, Removal] = {}
    for group in connected_components(graph.vertices, graph.edges):
        best = max(group, key=lambda i: (weights[i], -i))
        for i in group:
            if i != best:
                similarity = graph.edges.get((min(i, best), max(i, best)))
                reason = "chain of near duplicates" if similarity is None else "near duplicate"
                dropped[i] = Removal(best, similarity, reason)
    return _answer(graph, dropped)


def keep_independent(graph: DuplicateGraph, keep: Iterable[int]) -> DedupAnswer:
    """Keep an independent set; every other vertex is represented by its most similar kept neighbour.

    A vertex without a kept neighbour is kept as well.
    """
    kept = set(keep)
    best: dict[int, tuple[float, int]] = {}
    for (i, j), similarity in graph.edges.items():
        for gone, stays in ((i, j), (j, i)):
            if gone not in kept and stays in kept:
                best[gone] = max(best.get(gone, (-1.0, -1)), (similarity, stays))
    dropped = {i: Removal(j, similarity, "near duplicate") for i, (similarity, j) in best.items()}
    return _answer(graph, dropped)


def _answer(graph: DuplicateGraph, dropped: dict[int, Removal]) -> DedupAnswer:
    """Add the documents of the same words, and put everything in order."""
    for copy, twin in graph.copies.items():
        if twin in dropped:
            dropped[copy] = Removal(dropped[twin].kept, None, "same words as another dropped document")
        else:
            dropped[copy] = Removal(twin, 1.0, "same words")
    pairs = graph.edges | {(twin, copy): 1.0 for copy, twin in graph.copies.items()}
    keep = sorted(set(graph.vertices) - set(dropped))
    return DedupAnswer(np.array(keep, dtype=np.int64), dict(sorted(dropped.items())), pairs)
