"""A small model of text: bytes after up to four bytes, smoothed by Witten and Bell (doi:10.1109/18.87000).

p_k(w|h) = (c(h, w) + T(h) p_(k-1)(w|h')) / (c(h) + T(h)), where h' is the history without its oldest byte,
c(h) counts it and T(h) its different followers; below p_1 all 256 bytes are equal. It has nothing to tune.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDER = 5
_EDGE = b"\xff" * (ORDER - 1)
"""Before every text; a byte that UTF-8 never holds."""

Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class _Counts:
    """What was seen of one order: n-grams with counts, histories with counts and numbers of followers."""

    grams: Keys
    counts: NDArray[np.int64]
    histories: Keys
    times: NDArray[np.int64]
    followers: NDArray[np.int64]


class ByteModel:
    """A model of the bytes of texts.

    Args:
        texts: what it is fitted on.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        data, inside = _bytes(texts)
        self._orders = [_count(_keys(data, order)[inside]) for order in range(1, ORDER + 1)]

    def bits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the bits that each text takes, shape (texts,)."""
        data, inside = _bytes(texts)
        share = np.full(int(inside.sum()), 1 / 256)
        for order, seen in enumerate(self._orders, 1):
            keys = _keys(data, order)[inside]
            together = _look_up(seen.grams, seen.counts, keys)
            times, followers = (
                _look_up(seen.histories, table, keys >> np.uint64(8))
                for table in (seen.times, seen.followers)
            )
            known = times > 0  # after a history that was never seen, the shorter one is all there is
            share = np.where(
                known, (together + followers * share) / np.where(known, times + followers, 1), share
            )
        lengths = [len(text.encode("utf-8")) for text in texts]
        ends = np.cumsum([0, *lengths])
        total = np.concatenate([[0.0], np.cumsum(-np.log2(share))])
        return np.asarray(total[ends[1:]] - total[ends[:-1]], dtype=np.float64)


def _bytes(texts: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """Return all bytes with edges before every text, and which of them are no edges."""
    pieces = [text.encode("utf-8") for text in texts]
    data = np.frombuffer(b"".join(_EDGE + piece for piece in pieces), dtype=np.uint8)
    return data.astype(np.uint64), data != 0xFF


def _keys(data: NDArray[np.uint64], order: int) -> Keys:
    """Return each byte, in the lowest place, with the `order - 1` before it."""
    keys = data.copy()
    for back in range(1, order):
        keys[back:] |= data[:-back] << np.uint64(8 * back)
    return keys


def _count(keys: Keys) -> _Counts:
    grams, counts = np.unique(keys, return_counts=True)
    histories, starts, followers = np.unique(grams >> np.uint64(8), return_index=True, return_counts=True)
    times = np.add.reduceat(counts, starts) if len(starts) else counts
    return _Counts(grams, counts, histories, times, followers)


def _look_up(names: Keys, values: NDArray[np.int64], wanted: Keys) -> NDArray[np.int64]:
    """Return the value of each wanted name, 0 where there is none."""
    if not len(names):
        return np.zeros(len(wanted), dtype=np.int64)
    place = np.minimum(np.searchsorted(names, wanted), len(names) - 1)
    return np.where(names[place] == wanted, values[place], 0)
