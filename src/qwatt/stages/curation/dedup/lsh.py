"""Locality-sensitive hashing of MinHash signatures (Broder 1997; Indyk and Motwani 1998)."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.curation.dedup.shingles import Shingles, ShingleSets

if TYPE_CHECKING:
    import rensa
else:
    rensa = lazy("rensa")

HASHES = 128
LEADERS_OF_A_BUCKET = 16
"""A bucket of documents that resemble each other below the threshold, such as pages of one template, gets no
more leaders: later ones are compared with these. What that hid is counted."""

_RECALL = 0.95
"""Least chance that two documents exactly at the threshold become candidates."""

_SLICE = 1 << 9
"""Documents whose signatures are turned from Python lists into an array at a time: from a core's cache."""

_MIXER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
_TABLE_BITS = 22
_TABLE_SHIFT = np.uint64(64 - _TABLE_BITS)

Edge = tuple[int, int]


def signatures(shingles: Sequence[Shingles], seed: int) -> NDArray[np.uint32]:
    """Return MinHash signatures, shape (documents, HASHES), computed by rensa."""
    sets = ShingleSets.of(shingles)
    found = np.empty((len(sets), HASHES), dtype=np.uint32)
    for start in range(0, len(sets), _SLICE):
        offsets = sets.offsets[start : start + _SLICE + 1]
        matrix = rensa.RMinHash.digest_matrix_from_flat_token_hashes(
            sets.values[offsets[0] : offsets[-1]], (offsets - offsets[0]).astype(np.uint64), HASHES, seed
        )
        rows = b"".join(array("I", row).tobytes() for row in matrix.to_rows())  # twice as fast as by NumPy
        found[start : start + _SLICE] = np.frombuffer(rows, dtype=np.uint32).reshape(-1, HASHES)
    return found


def bands_and_rows(threshold: float, hashes: int = HASHES) -> tuple[int, int]:
    """Return (bands, rows of a band): the longest bands that still find a pair at the threshold."""
    for rows in range(hashes, 1, -1):
        bands = hashes // rows
        if 1 - (1 - threshold**rows) ** bands >= _RECALL:
            return bands, rows
    return hashes, 1


def buckets(digests: NDArray[np.uint32], threshold: float) -> NDArray[np.int32]:
    """Return the number of every document's bucket in every band, shape (documents, bands).

    Documents that agree in a whole band have the same number there; one that is alone in its bucket has -1.
    """
    bands, rows = bands_and_rows(threshold, digests.shape[1])
    numbers = np.full((len(digests), bands), -1, dtype=np.int32)
    first = 0
    for band in range(bands):
        part = digests[:, band * rows : (band + 1) * rows]
        likely = repeated(hashes_of_rows(part))  # few of many; the rest is compared in full
        part = np.ascontiguousarray(part[likely])
        keys = part.view(np.dtype((np.void, part.dtype.itemsize * rows))).ravel()
        _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        shared = counts[inverse] > 1
        numbers[likely[shared], band] = first + inverse[shared]
        first += len(counts)
    return numbers


def hashes_of_rows(values: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return a hash of the last dimension: equal where all its values are."""
    found = np.zeros(values.shape[:-1], dtype=np.uint64)
    for column in range(values.shape[-1]):
        found = (found ^ values[..., column]) * _MIXER
        found ^= found >> _SHIFT
    return found


def repeated(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return where hashes stand that occur more than once: sorting them is quicker than finding an order."""
    ordered = np.sort(keys)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    some = np.zeros(1 << _TABLE_BITS, dtype=bool)
    some[twice >> _TABLE_SHIFT] = True
    likely = np.flatnonzero(some[keys >> _TABLE_SHIFT])
    place = np.minimum(np.searchsorted(twice, keys[likely]), len(twice) - 1)
    found: NDArray[np.int64] = likely[twice[place] == keys[likely]]
    return found


def least_agreement(threshold: float, hashes: int = HASHES) -> float:
    """Return the share of agreeing hashes below which a pair is not worth verifying.

    Four standard errors less than the threshold's own share: a pair at the threshold is left out once in
    30,000 times.
    """
    return threshold - 4 * math.sqrt(threshold * (1 - threshold) / hashes)
