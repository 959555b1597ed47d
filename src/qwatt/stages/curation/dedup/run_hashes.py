"""Hashes of runs of symbols: a polynomial modulo 2**64, its bits mixed."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.codes import Codes, Places

Symbols = NDArray[np.unsignedinteger]
Number = TypeVar("Number", bound=np.generic)

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)
_ONE = np.uint64(1)
_STRETCH = 1 << 20
"""Runs that are hashed at a time."""
_BRIEF = 1 << 10
"""Symbols of a slice up to which it is hashed together with others."""


def hash_runs(symbols: Symbols, width: int) -> Codes:
    """Return the hash of every run of `width` symbols, or of all where there are fewer; shape (runs,)."""
    count = max(1, len(symbols) - width + 1)
    found = np.empty(count, dtype=np.uint64)
    for start in range(0, count, _STRETCH):
        _hash_stretch(found[start : start + _STRETCH], symbols[start:], width)
    return found


def _hash_stretch(value: Codes, symbols: Symbols, width: int) -> None:
    """Fill in the hashes of the first runs of some symbols."""
    above_zero = symbols[: len(value) + width - 1].astype(np.uint64)
    above_zero += _ONE
    value[:] = above_zero[: len(value)] if len(symbols) else 0
    for offset in range(1, min(width, len(symbols))):
        value *= _MULTIPLIER
        value += above_zero[offset : offset + len(value)]
    _mix(value)


def hash_distinct_runs(symbols: Symbols, width: int) -> Codes:
    """Return the distinct hashes of runs of `width` symbols, ascending, and never hold those of all runs."""
    count = max(1, len(symbols) - width + 1)
    found = np.empty(count, dtype=np.uint64)  # takes memory only where something is written
    held = merged = 0
    for start in range(0, count, _STRETCH):
        own = np.empty(min(_STRETCH, count - start), dtype=np.uint64)
        _hash_stretch(own, symbols[start:], width)
        own = own[: squeeze(own)]
        found[held : held + len(own)] = own
        held += len(own)
        if held > 2 * merged + 4 * _STRETCH:
            held = merged = squeeze(found[:held])
    return found[: squeeze(found[:held])]


def squeeze(values: NDArray[Number]) -> int:
    """Bring the distinct values to the front, ascending, and return how many there are."""
    values.sort()
    count = 0
    last = values[:0]
    for start in range(0, len(values), _STRETCH):
        part = values[start : start + _STRETCH]
        own = part[first_of_equals(part)]
        own = own[1:] if len(last) and own[0] == last[0] else own
        values[count : count + len(own)] = own
        count += len(own)
        last = values[count - 1 : count]
    return count


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Return the distinct values, ascending: by sorting, which beats `numpy.unique` here."""
    ordered = np.sort(values)
    return ordered[first_of_equals(ordered)]


def first_of_equals(ordered: NDArray[Number]) -> NDArray[np.bool_]:
    """Return which of ascending values differ from the one before, shape (values,)."""
    new = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new


def hash_slices(symbols: Symbols, starts: Places, counts: Places) -> Codes:
    """Return the hash of every slice as one run, shape (slices,), in time linear in their symbols.

    Args:
        symbols: shape (symbols,).
        starts: where slices begin, shape (slices,).
        counts: symbols of each, shape (slices,).
    """
    found = np.zeros(len(starts), dtype=np.uint64)
    some = np.flatnonzero((counts > 0) & (counts <= _BRIEF))
    if len(some):
        sizes = counts[some]
        first = np.cumsum(sizes) - sizes
        within = np.arange(sizes.sum()) - np.repeat(first, sizes)
        value = symbols[np.repeat(starts[some], sizes) + within].astype(np.uint64)
        value += _ONE
        value *= _powers(int(sizes.max()))[np.repeat(sizes, sizes) - 1 - within]
        found[some] = np.add.reduceat(value, first)
    for i in np.flatnonzero(counts > _BRIEF).tolist():
        found[i] = _long_polynomial(symbols[starts[i] : starts[i] + counts[i]])
    _mix(found)
    return found


def _powers(count: int) -> Codes:
    """Return the powers of the multiplier from 0 on, shape (count,)."""
    powers = np.ones(count, dtype=np.uint64)
    powers[1:] = _MULTIPLIER
    return np.cumprod(powers)


def _long_polynomial(symbols: Symbols) -> np.uint64:
    powers = _powers(min(len(symbols), _STRETCH))[::-1]
    value = np.zeros(1, dtype=np.uint64)
    for start in range(0, len(symbols), _STRETCH):
        part = symbols[start : start + _STRETCH].astype(np.uint64) + _ONE
        own = powers[len(powers) - len(part) :]
        value *= own[:1] * _MULTIPLIER
        value += (part * own).sum(dtype=np.uint64)
    return np.uint64(value[0])


def _mix(value: Codes) -> None:
    value ^= value >> _SHIFT
    value *= _MIXER
    value ^= value >> _SHIFT
