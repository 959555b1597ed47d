"""Exact Jaccard similarities of all pairs of documents, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.curation.dedup.look_up import AT_A_TIME, look_up
from qwatt.stages.curation.dedup.run_hashes import distinct
from qwatt.stages.curation.dedup.shingles import Shingles

if TYPE_CHECKING:
    from scipy import sparse
else:
    sparse = lazy("scipy.sparse")

_DENSE = 1 / 16
"""Share of the documents from which on a shingle's pairs are counted by a dense product."""
_COLUMNS = 4_096
"""Shingles of one dense product."""


def jaccard_of_pairs(shingles: Sequence[Shingles]) -> NDArray[np.float32]:
    """Return all Jaccard similarities, shape (documents, documents), from products of incidences.

    A shingle of many documents is multiplied densely, which is faster there; counts are exact in both.
    """
    sizes = np.array([len(one) for one in shingles], dtype=np.int64)
    several = _of_several(shingles)
    shape = len(sizes), len(sizes)
    common = _common(shingles, several) if len(several) else np.zeros(shape, dtype=np.float32)
    np.fill_diagonal(common, sizes)
    either = sizes[:, None] + sizes[None, :] - common
    return np.asarray(common / np.maximum(either, 1.0), dtype=np.float32)


def _of_several(shingles: Sequence[Shingles]) -> Shingles:
    """Return what more than one document has, ascending: what one alone has, none shares.

    It is looked for in one range of hashes after the other, so that never all are held twice.
    """
    ranges = sum(map(len, shingles)) // AT_A_TIME + 1
    bounds = np.array([(n << 64) // ranges for n in range(1, ranges)], dtype=np.uint64)
    cuts = [[0, *np.searchsorted(one, bounds).tolist(), len(one)] for one in shingles]
    found = [np.zeros(0, np.uint64)]
    for n in range(ranges):
        inside = [one[cut[n] : cut[n + 1]] for one, cut in zip(shingles, cuts, strict=True)]
        ordered = np.sort(np.concatenate(inside)) if inside else found[0]
        found.append(distinct(ordered[1:][ordered[1:] == ordered[:-1]]))
    return np.concatenate(found)


def _common(shingles: Sequence[Shingles], several: Shingles) -> NDArray[np.float32]:
    """Return how many of some ascending shingles pairs of documents share, shape (documents, documents)."""
    places = [_places(one, several) for one in shingles]
    columns, offsets = np.concatenate(places), np.append(0, np.cumsum([len(own) for own in places]))
    ones = np.ones(len(columns), dtype=np.float32)
    incidence = sparse.csr_array((ones, columns, offsets), shape=(len(places), len(several))).tocsc()
    often = np.bincount(columns) > _DENSE * len(places)
    rare = incidence[:, np.flatnonzero(~often)].tocsr()
    common = np.asarray((rare @ rare.T).toarray(), dtype=np.float32)
    frequent = np.flatnonzero(often)
    for start in range(0, len(frequent), _COLUMNS):
        block = incidence[:, frequent[start : start + _COLUMNS]].toarray()
        common += block @ block.T
    return common


def _places(one: Shingles, several: Shingles) -> NDArray[np.int64]:
    """Return the numbers of a document's shingles among ascending ones, of those that are there."""
    found = [place[there] for _, place, there in look_up(one, several)]
    return np.concatenate([np.zeros(0, np.int64), *found])
