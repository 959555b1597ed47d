"""From near duplicates to the documents that stay and the one that stands for each of the others.

Whatever chooses, a removed document is directly similar to the kept one that stands for it: the kept
documents are an independent dominating set of the graph of near duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from qwatt.stages.curation.dedup.graph import DuplicateGraph
from qwatt.stages.curation.dedup.leaders import Stars
from qwatt.stages.curation.dedup.lsh import Edge
from qwatt.stages.curation.dedup.problem import DedupAnswer, Removal
from qwatt.stages.curation.dedup.reasons import NEAR, SAME


def keep_independent(graph: DuplicateGraph, keep: Iterable[int]) -> DedupAnswer:
    """Keep an independent set and the hubs; every other vertex follows its most similar kept neighbour.

    A vertex without a kept neighbour is kept as well.
    """
    kept = set(keep)
    best: dict[int, tuple[float, int]] = {}
    for (i, j), similarity in graph.edges.items():
        for gone, stays in ((i, j), (j, i)):
            if gone not in kept and stays in kept:
                best[gone] = max(best.get(gone, (-1.0, -1)), (similarity, stays))
    dropped = {i: Removal(j, similarity, NEAR) for i, (similarity, j) in best.items()}
    vertices = [*graph.vertices, *graph.hubs, *graph.settled]
    return completed(vertices, graph.copies, dropped | graph.settled, graph.edges)


def keep_leaders(names: Sequence[int], copies: Mapping[int, int], found: Stars) -> DedupAnswer:
    """Keep the leaders of stars; `names` are the documents that the stars' numbers stand for."""
    dropped = {
        names[i]: Removal(names[leader], similarity, NEAR)
        for i, (leader, similarity) in enumerate(
            zip(found.leader.tolist(), found.similarity.tolist(), strict=True)
        )
        if leader != i
    }
    return completed(names, copies, dropped, {})


def completed(
    vertices: Iterable[int],
    copies: Mapping[int, int],
    dropped: Mapping[int, Removal],
    pairs: Mapping[Edge, float],
) -> DedupAnswer:
    """Return the answer with the documents of the same text added, everything in order.

    Args:
        vertices: documents of distinct text.
        copies: every other document and the one with its text.
        dropped: vertices that are removed.
        pairs: near duplicates (i < j) besides those that the removals show.
    """
    gone = dict(dropped)
    for copy, twin in copies.items():
        kept = dropped.get(twin)
        gone[copy] = Removal(twin, 1.0, SAME) if kept is None else kept
    shown = {
        (min(i, removal.kept), max(i, removal.kept)): removal.similarity or 0.0 for i, removal in gone.items()
    }
    keep = np.array(sorted(set(vertices) - gone.keys()), dtype=np.int64)
    return DedupAnswer(keep, dict(sorted(gone.items())), dict(pairs) | shown)
