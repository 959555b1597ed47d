"""Locality-sensitive hashing of MinHash signatures (Broder 1997; Indyk and Motwani 1998)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.shingles import Shingles, jaccard

HASHES = 128
_RECALL = 0.95
"""Least chance that two documents exactly at the threshold become candidates."""

_BLOCK = 1 << 14

Edge = tuple[int, int]


def verified_pairs(shingles: Sequence[Shingles], threshold: float, seed: int) -> dict[Edge, float]:
    """Return the pairs (i < j) with at least `threshold` Jaccard similarity that LSH finds, with it."""
    digests = signatures(shingles, seed)
    found = {}
    for i, j in _likely(digests, sorted(candidate_pairs(digests, threshold)), threshold):
        similarity = jaccard(shingles[i], shingles[j])
        if similarity >= threshold:
            found[i, j] = similarity
    return found


def _likely(digests: NDArray[np.uint32], pairs: list[Edge], threshold: float) -> list[Edge]:
    """Leave out the pairs whose signatures agree four standard errors less than the threshold's would."""
    bound = threshold - 4 * (threshold * (1 - threshold) / digests.shape[1]) ** 0.5
    likely: list[Edge] = []
    for start in range(0, len(pairs), _BLOCK):
        block = np.array(pairs[start : start + _BLOCK])
        agreement = (digests[block[:, 0]] == digests[block[:, 1]]).mean(axis=1)
        likely += [(int(i), int(j)) for i, j in block[agreement >= bound]]
    return likely


def signatures(shingles: Sequence[Shingles], seed: int) -> NDArray[np.uint32]:
    """Return MinHash signatures, shape (documents, HASHES), computed by rensa."""
    from rensa import RMinHash

    flat = np.concatenate([*shingles, np.zeros(0, np.uint64)])
    offsets = np.concatenate([[0], np.cumsum([len(s) for s in shingles])]).astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, HASHES, seed)
    return np.array(matrix.to_rows(), dtype=np.uint32).reshape(len(shingles), HASHES)


def bands_and_rows(threshold: float, hashes: int = HASHES) -> tuple[int, int]:
    """Return (bands, rows of a band): the longest bands that still find a pair at the threshold."""
    for rows in range(hashes, 1, -1):
        bands = hashes // rows
        if 1 - (1 - threshold**rows) ** bands >= _RECALL:
            return bands, rows
    return hashes, 1


def candidate_pairs(digests: NDArray[np.uint32], threshold: float) -> Iterable[Edge]:
    """Return the pairs that agree in at least one whole band."""
    bands, rows = bands_and_rows(threshold, digests.shape[1])
    pairs: set[Edge] = set()
    for band in range(bands):
        buckets: dict[bytes, list[int]] = {}
        for i, digest in enumerate(np.ascontiguousarray(digests[:, band * rows : (band + 1) * rows])):
            buckets.setdefault(digest.tobytes(), []).append(i)
        for members in buckets.values():
            pairs.update((i, j) for n, i in enumerate(members) for j in members[n + 1 :])
    return pairs
