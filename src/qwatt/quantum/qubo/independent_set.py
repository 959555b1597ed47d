"""Maximum weighted independent set as a QUBO, and the repair of what a sampler returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwatt.core.errors import QwattError
from qwatt.quantum.qubo.magnitude import numbers, require_range

if TYPE_CHECKING:
    import dimod

Edges = Iterable[tuple[int, int]] | NDArray[np.integer]


def independent_set_bqm(
    weights: Sequence[float] | NDArray[np.floating], edges: Edges, penalty: float = 1.5
) -> dimod.BinaryQuadraticModel:
    """Build -sum w_i x_i + penalty * sum over edges of max(w_i, w_j) x_i x_j.

    With a penalty above 1 and positive weights the ground state is a maximum-weight independent set
    (arXiv:1302.5843, section 4.2).

    Args:
        weights: worth of each vertex 0..n-1, shape (n,), positive.
        edges: pairs of vertices, shape (m, 2); repeated pairs count once.
        penalty: factor on the heavier end of an edge.

    Raises:
        QwattError: a weight that is not positive and finite, a loop, an unknown vertex, a penalty of at
            most 1, or penalties so large that energies overflow.
    """
    import dimod

    worth = _checked_weights(weights)
    ends = _checked_edges(edges, len(worth))
    if not (worth > 0).all():
        raise QwattError("independent-set weights must be positive")
    if not penalty > 1:
        raise QwattError(f"the penalty must be above 1 to forbid edges, not {penalty}")
    with np.errstate(over="ignore"):
        cost = penalty * np.maximum(worth[ends[:, 0]], worth[ends[:, 1]])
    require_range([worth, cost])
    return dimod.BinaryQuadraticModel.from_numpy_vectors(
        -worth, (ends[:, 0], ends[:, 1], cost), 0.0, dimod.BINARY
    )


def repair_independent_set(
    bits: ArrayLike, weights: Sequence[float] | NDArray[np.floating], edges: Edges
) -> NDArray[np.int8]:
    """Return a maximal independent set near `bits`: drop lighter ends of violated edges, then add greedily.

    Violated edges are taken from the heaviest kept vertex down; of equal weights the lower number stays.

    Args:
        bits: chosen vertices, shape (n,), 0 or 1.
        weights: worth of each vertex, shape (n,).
        edges: pairs of vertices, shape (m, 2).

    Raises:
        QwattError: not a bit of 0 or 1 for every weight, a weight is not finite, or an edge is none.
    """
    worth, chosen = _checked_weights(weights), np.asarray(bits)
    if chosen.shape != worth.shape or not np.isin(chosen, (0, 1)).all():
        raise QwattError(f"{len(worth)} vertices need as many bits of 0 or 1, not shape {chosen.shape}")
    wanted = chosen.astype(bool)
    neighbours: list[list[int]] = [[] for _ in worth]
    for first, second in _checked_edges(edges, len(worth)).tolist():
        neighbours[first].append(second)
        neighbours[second].append(first)
    kept = np.zeros(len(worth), dtype=np.int8)
    heaviest_first = np.argsort(-worth, kind="stable")
    for candidates in (heaviest_first[wanted[heaviest_first]], heaviest_first):
        for vertex in candidates.tolist():
            if not kept[neighbours[vertex]].any():
                kept[vertex] = 1
    return kept


def _checked_weights(weights: Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    worth = numbers(weights, "independent-set weights")
    if worth.ndim != 1:
        raise QwattError(f"independent-set weights have shape {worth.shape}, not (n,)")
    return worth


def _checked_edges(edges: Edges, vertices: int) -> NDArray[np.int64]:
    pairs = np.asarray(edges if isinstance(edges, np.ndarray) else list(edges))
    pairs = pairs if pairs.size else np.empty((0, 2), dtype=np.int64)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":
        raise QwattError(
            f"edges are pairs of whole numbers, shape (m, 2), not {pairs.dtype} of shape {pairs.shape}"
        )
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= vertices):
        raise QwattError(f"an edge names a vertex outside 0..{vertices - 1}")
    if (pairs[:, 0] == pairs[:, 1]).any():
        raise QwattError("an edge joins a vertex to itself")
    return np.unique(np.sort(pairs.astype(np.int64), axis=1), axis=0)
