"""Codes of many words of one buffer at once: 64 bits for each, eight bytes of every word a step."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]
Codes = NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)
_STEP = 8
_LONG = 256
"""Longer words are so rare that each is hashed alone."""
_HEADS = (np.arange(_LONG + 1) - 1) % _STEP + 1
"""Bytes of a word of so many that are taken first: those beyond a multiple of eight."""
_SHIFTS = (8 * (_STEP - _HEADS)).astype(np.uint64)


def codes_of(data: NDArray[np.uint8], starts: Places, ends: Places) -> Codes:
    """Return the code of every slice of a buffer, shape (slices,).

    Slices of the same length of at most eight bytes share none; others do by chance, once in 2**64 pairs.

    Args:
        data: the bytes.
        starts: where slices begin, shape (slices,).
        ends: where they end, after at least one byte.
    """
    padded = np.concatenate([np.zeros(_STEP, np.uint8), data])
    # at every place the eight bytes before it, as a number
    before = np.ndarray(len(padded) - _STEP + 1, "<u8", padded, strides=(1,))
    lengths = ends - starts
    known = np.minimum(lengths, _LONG)
    place = starts + _HEADS.take(known)
    found: Codes = before[place]
    found >>= _SHIFTS.take(known)  # what is before the slice does not count
    found += lengths.view(np.uint64) * _MULTIPLIER
    _mix(found)
    long = np.flatnonzero(lengths > _STEP)
    active = long[lengths[long] <= _LONG]
    while len(active):
        place[active] += _STEP
        value = found[active] ^ before[place[active]]
        _mix(value)
        found[active] = value
        active = active[place[active] < ends[active]]
    for i in long[lengths[long] > _LONG].tolist():
        digest = blake2b(data[starts[i] : ends[i]].tobytes(), digest_size=8).digest()
        found[i] = int.from_bytes(digest, "little")
    return found


def _mix(values: Codes) -> None:
    values *= _MULTIPLIER
    values ^= values >> _SHIFT
