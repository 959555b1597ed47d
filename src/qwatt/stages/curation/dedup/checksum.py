"""CRC-32 of many slices of one buffer at once: what `zlib.crc32` gives, eight bytes of every slice a step.

The checksum is linear over bits: that of eight bytes is the exclusive sum of four, one a pair of bytes.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Checksums = NDArray[np.uint32]
Words = NDArray[np.uint64]

_POLYNOMIAL = np.uint32(0xEDB88320)
_STEP = 8
_LONG = 256
"""Longer slices are so rare that each is left to zlib."""


class _Tables(NamedTuple):
    """What pairs of bytes add, from the last pair on; what the start value becomes; which bytes count."""

    pairs: tuple[Checksums, ...]
    started: Checksums
    masks: Words


@cache
def _tables() -> _Tables:
    one = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        one = np.where(one & 1, (one >> 1) ^ _POLYNOMIAL, one >> 1)
    shifted = [one]  # a byte that so many zero bytes follow
    started = [np.uint32(0xFFFFFFFF)]
    for _ in range(_STEP):
        shifted.append(one[shifted[-1] & 0xFF] ^ (shifted[-1] >> 8))
        started.append(one[started[-1] & 0xFF] ^ (started[-1] >> 8))
    pair = np.arange(65536)
    pairs = tuple(shifted[2 * k + 1][pair & 0xFF] ^ shifted[2 * k][pair >> 8] for k in range(4))
    masks = [(1 << 64) - (1 << (64 - 8 * length)) for length in range(_STEP + 1)]
    return _Tables(pairs, np.array(started, dtype=np.uint32), np.array(masks, dtype=np.uint64))


def crc32_of(data: NDArray[np.uint8], starts: Places, ends: Places) -> Checksums:
    """Return the CRC-32 of every slice of a buffer, shape (slices,).

    Args:
        data: the bytes.
        starts: where slices begin, shape (slices,).
        ends: where they end, after at least one byte.
    """
    padded = np.concatenate([np.zeros(_STEP, np.uint8), data])
    before = np.ndarray(
        len(padded) - _STEP + 1, "<u8", padded, strides=(1,)
    )  # the eight bytes before a place
    lengths = ends - starts
    states = _short(before, ends, np.minimum(lengths, _STEP))
    long = np.flatnonzero(lengths > _STEP)
    if len(long):
        states[long] = _long(before, starts[long], ends[long])
    found = ~states
    for i in long[lengths[long] > _LONG].tolist():
        found[i] = crc32(data[starts[i] : ends[i]].tobytes())
    return found


def _short(before: Words, ends: Places, lengths: Places) -> Checksums:
    """Return the state after slices of at most eight bytes."""
    tables = _tables()
    state = tables.started.take(lengths)
    state ^= _added(before[ends] & tables.masks.take(lengths))
    return state


def _long(before: Words, starts: Places, ends: Places) -> Checksums:
    """Return the state after longer ones; those beyond `_LONG` are left half done."""
    head = (ends - starts - 1) % _STEP + 1
    states = _short(before, starts + head, head)
    place = starts + head
    active = np.flatnonzero(ends - starts <= _LONG)
    while len(active):
        place[active] += _STEP
        states[active] = _added(before[place[active]] ^ states[active].astype(np.uint64))
        active = active[place[active] < ends[active]]
    return states


def _added(words: Words) -> Checksums:
    """Return what eight bytes add to the state."""
    pairs = words.view(np.uint16).reshape(-1, 4)
    first, second, third, fourth = _tables().pairs
    found = first.take(pairs[:, 3])
    found ^= second.take(pairs[:, 2])
    found ^= third.take(pairs[:, 1])
    found ^= fourth.take(pairs[:, 0])
    return found
