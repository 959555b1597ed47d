"""Pairs of documents that share a bucket, verified in bulk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.lsh import Edge, least_agreement
from qwatt.stages.curation.dedup.overlaps import Overlaps

_BLOCK = 1 << 14


def pairs_above(
    overlaps: Overlaps, digests: NDArray[np.uint32], homes: NDArray[np.int32], threshold: float
) -> dict[Edge, float]:
    """Return the pairs of one bucket with at least this similarity, counted exactly.

    Args:
        overlaps: of the documents.
        digests: their signatures, shape (documents, hashes).
        homes: their bucket in every band, -1 for none; shape (documents, bands).
        threshold: least Jaccard similarity.
    """
    pairs = _likely(digests, bucket_pairs(homes), threshold)
    found: dict[Edge, float] = {}
    for i, others in told(list(_by_first(pairs)), "documents compared"):
        shares = overlaps.jaccard(i, others.tolist())
        for n in np.flatnonzero(shares >= threshold).tolist():
            found[i, int(others[n])] = float(shares[n])
    return found


def bucket_pairs(homes: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the distinct pairs (i < j) that share a bucket in some band, ascending, shape (pairs, 2)."""
    count = len(homes)
    codes = [np.zeros(0, np.int64)]
    for band in homes.T:
        members = np.flatnonzero(band >= 0)
        order = members[np.argsort(band[members], kind="stable")]
        apart, numbers = 1, band[order]
        while len(same := np.flatnonzero(numbers[apart:] == numbers[:-apart])):
            codes.append(order[same] * count + order[same + apart])
            apart += 1
    distinct = np.unique(np.concatenate(codes))
    return np.stack([distinct // count, distinct % count], axis=1) if count else np.zeros((0, 2), np.int64)


def _likely(digests: NDArray[np.uint32], pairs: NDArray[np.int64], threshold: float) -> NDArray[np.int64]:
    """Leave out the pairs whose signatures agree too little."""
    bound = least_agreement(threshold, digests.shape[1])
    likely = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[start : start + _BLOCK]
        agreement = (digests[block[:, 0]] == digests[block[:, 1]]).mean(axis=1)
        likely.append(block[agreement >= bound])
    return np.concatenate(likely)


def _by_first(pairs: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    firsts, starts = np.unique(pairs[:, 0], return_index=True)
    if len(firsts):
        yield from zip(firsts.tolist(), np.split(pairs[:, 1], starts[1:]), strict=True)
