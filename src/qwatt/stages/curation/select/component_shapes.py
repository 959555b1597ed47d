"""Shapes of a graph's components: which of them are trivial, and which could be hard."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    from scipy import sparse
    from scipy.sparse import csgraph
else:
    sparse, csgraph = lazy("scipy.sparse"), lazy("scipy.sparse.csgraph")

TRIVIAL = ("isolated", "star", "triangle")
"""Of these the best K examples are found by hand: by sorting, with a star's centre and without it."""


def component_shapes(graph: sparse.csr_array) -> dict[str, int]:
    """Return the number of components of each shape, and of the examples in those that are not trivial.

    Args:
        graph: symmetric, without a diagonal; a pair of examples is a star.
    """
    count, label = csgraph.connected_components(graph, directed=False)
    members, degrees = np.bincount(label, minlength=count), np.diff(graph.indptr)
    edges = np.bincount(label, weights=degrees, minlength=count) / 2
    most = np.zeros(count, dtype=np.int64)
    np.maximum.at(most, label, degrees)
    star = (members > 1) & (edges == members - 1) & (most == members - 1)
    names = np.select([members == 1, star, (members == 3) & (edges == 3)], TRIVIAL, "other")
    found = Counter(names.tolist())
    shapes = {name: found[name] for name in (*TRIVIAL, "other")}
    return shapes | {"examples_in_other": int(members[names == "other"].sum())}
