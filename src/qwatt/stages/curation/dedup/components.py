"""Connected components and neighbours of a graph of near duplicates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.curation.dedup.lsh import Edge

if TYPE_CHECKING:
    from scipy import sparse
    from scipy.sparse import csgraph
else:
    sparse = lazy("scipy.sparse")
    csgraph = lazy("scipy.sparse.csgraph")


def connected_components(vertices: Iterable[int], edges: Iterable[Edge]) -> list[list[int]]:
    """Return the components of a graph, each ascending, in the order of their smallest vertex."""
    names = np.array(sorted(vertices), dtype=np.int64)
    ends = np.searchsorted(names, np.array(list(edges), dtype=np.int64).reshape(-1, 2))
    shape = (len(names), len(names))
    matrix = sparse.coo_array((np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1])), shape=shape)
    _, label = csgraph.connected_components(matrix, directed=False)
    order = np.argsort(label, kind="stable")
    groups = np.split(names[order], np.flatnonzero(np.diff(label[order])) + 1)
    return sorted(group.tolist() for group in groups if len(group))


def adjacency(vertices: Iterable[int], edges: Iterable[Edge]) -> dict[int, set[int]]:
    """Return the neighbours of every vertex."""
    neighbours: dict[int, set[int]] = {v: set() for v in vertices}
    for i, j in edges:
        neighbours[i].add(j)
        neighbours[j].add(i)
    return neighbours
