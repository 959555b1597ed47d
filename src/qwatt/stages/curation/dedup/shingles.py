"""Documents as sets of hashed shingles, and their exact Jaccard similarity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.progress import told
from qwatt.stages.curation.dedup.codes import Places
from qwatt.stages.curation.dedup.symbols import Block, alike, code_points
from qwatt.stages.curation.dedup.text import SHORT, is_short, normalise

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)
_LONGEST_KIND = 10
_STRETCH = 1 << 20
"""Runs that are hashed at a time."""

Shingles = NDArray[np.uint64]
Number = TypeVar("Number", bound=np.generic)


class ShingleSets(Sequence[Shingles]):
    """The shingles of many documents in one array.

    Args:
        values: hashes, document after document; shape (shingles,).
        offsets: where each document begins, and the end; shape (documents + 1,).
    """

    def __init__(self, values: Shingles, offsets: Places) -> None:
        self.values = values
        self.offsets = offsets

    @staticmethod
    def of(sets: Sequence[Shingles]) -> ShingleSets:
        """Put sets together; what are `ShingleSets` already is left as it is."""
        if isinstance(sets, ShingleSets):
            return sets
        sizes = np.fromiter(map(len, sets), dtype=np.int64, count=len(sets))
        return ShingleSets(np.concatenate([np.zeros(0, np.uint64), *sets]), np.append(0, np.cumsum(sizes)))

    @property
    def sizes(self) -> Places:
        """The number of shingles of every document, shape (documents,)."""
        return np.diff(self.offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> Shingles: ...

    @overload
    def __getitem__(self, index: slice) -> ShingleSets: ...

    def __getitem__(self, index: int | slice) -> Shingles | ShingleSets:
        if isinstance(index, slice):
            return ShingleSets.of([self[i] for i in range(len(self))[index]])
        i = range(len(self))[index]
        return self.values[self.offsets[i] : self.offsets[i + 1]]

    def where(self, mask: NDArray[np.bool_]) -> ShingleSets:
        """Return the shingles for which a mask of shape (shingles,) is true."""
        before = np.append(0, np.cumsum(mask, dtype=np.int64))
        return ShingleSets(self.values[mask], before[self.offsets])


def shingle(texts: Sequence[str], kind: str, normalisation: str = "signs") -> ShingleSets:
    """Return for each text the sorted 64-bit hashes of its distinct shingles.

    A text of fewer than `SHORT` words is one shingle: a near duplicate of the same text alone.

    Args:
        texts: the documents.
        kind: "char5" for runs of 5 characters, "word3" for runs of 3 words, and so on; "own3" are runs of
            words of which `qwatt.stages.curation.dedup.boilerplate` leaves some out.
        normalisation: what of a text counts; see `qwatt.stages.curation.dedup.text.normalise`.

    Raises:
        QwattError: no such kind of shingles.
    """
    return shingle_normalised([normalise(text, normalisation) for text in texts], kind)


def shingle_normalised(texts: Sequence[str], kind: str) -> ShingleSets:
    """Return the same for texts that are normalised already."""
    unit, width = shingle_kind(kind)
    found: list[Shingles] = [np.zeros(0, np.uint64)] * len(texts)
    for members in told(list(alike(texts)), "blocks of documents shingled", every=1):
        runs = shingle_runs(Block.of([texts[i] for i in members]), unit, width)
        for n, i in enumerate(members):
            found[i] = distinct(runs[n])
    return ShingleSets.of(found)


def shingle_kind(kind: str) -> tuple[str, int]:
    """Return the unit and the width of a kind such as "char5".

    Raises:
        QwattError: it is neither charN nor wordN nor ownN with N from 1 to 50.
    """
    unit = kind.rstrip("0123456789")
    number = int(kind[len(unit) :] or 0) if len(kind) < _LONGEST_KIND else 0
    if unit not in ("char", "word", "own") or not 1 <= number <= 50:
        raise QwattError(
            f"{kind!r} is no kind of shingles",
            where="setting shingles",
            mend="write charN, wordN or ownN, such as char5, word3 or own3, with N from 1 to 50",
        )
    return unit, number


def jaccard(first: Shingles, second: Shingles) -> float:
    """Return the share of common shingles, counted exactly."""
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)


def jaccard_to_many(one: Shingles, others: Sequence[Shingles]) -> NDArray[np.float64]:
    """Return the Jaccard similarity of one document to each of several, shape (others,), in one pass."""
    sizes = np.array([len(other) for other in others], dtype=np.int64)
    flat = np.concatenate(others) if others else np.zeros(0, np.uint64)
    place = np.minimum(np.searchsorted(one, flat), len(one) - 1)
    hits = np.concatenate([[0], np.cumsum(one[place] == flat)])
    ends = np.cumsum(sizes)
    common = hits[ends] - hits[ends - sizes]
    shares: NDArray[np.float64] = common / (len(one) + sizes - common)
    return shares


def shingle_runs(block: Block, unit: str, width: int) -> ShingleSets:
    """Return the hashes of all runs of every text of a block, in order and with repeats."""
    if unit == "char":
        symbols, starts, counts = block.characters()
        few = np.flatnonzero(block.blanks() < SHORT - 1)
        short = few[[is_short(block.text(i)) for i in few.tolist()]] if len(few) else few
    else:
        begins, ends, counts = block.words()
        symbols, starts = block.word_codes(begins, ends), np.cumsum(counts) - counts
        short = np.flatnonzero(counts < SHORT)
    odd = distinct(np.concatenate([short, np.flatnonzero(counts < width)]))
    windows = counts - width + 1
    windows[odd] = 1
    offsets = np.append(0, np.cumsum(windows))
    found = _hashes(symbols, width)[_whole(starts, counts, width, odd, len(symbols))]
    if not len(odd):
        return ShingleSets(found, offsets)
    values = np.empty(offsets[-1], dtype=np.uint64)
    ordinary = np.ones(len(values), dtype=bool)
    ordinary[offsets[odd]] = False
    values[ordinary] = found
    brief = set(short.tolist())
    for i in odd.tolist():
        own = code_points(block.text(i)) if i in brief else symbols[starts[i] : starts[i] + counts[i]]
        values[offsets[i]] = _hash_of_all(own)
    return ShingleSets(values, offsets)


def _whole(starts: Places, counts: Places, width: int, odd: Places, total: int) -> NDArray[np.bool_]:
    """Return which runs lie within one text that is not `odd`, shape (runs,)."""
    whole = np.zeros(max(1, total - width + 1), dtype=np.bool_)
    edges = np.zeros(len(whole) + 1, dtype=np.int8)
    ordinary = np.setdiff1d(np.arange(len(starts)), odd, assume_unique=True)
    begin, end = starts[ordinary], (starts + counts)[ordinary] - width + 1
    edges[begin] += 1
    np.subtract.at(edges, end, 1)
    np.cumsum(edges[:-1], out=whole.view(np.int8))
    return whole


def _hashes(symbols: NDArray[np.unsignedinteger], width: int) -> Shingles:
    """Hash every run of `width` symbols by a polynomial modulo 2**64, then mix the bits."""
    count = max(1, len(symbols) - width + 1)
    found = np.empty(count, dtype=np.uint64)
    for start in range(0, count, _STRETCH):
        value = found[start : start + _STRETCH]
        value[:] = 0
        above_zero = symbols[start : start + len(value) + width - 1].astype(np.uint64) + np.uint64(1)
        for offset in range(min(width, len(symbols))):
            value *= _MULTIPLIER
            value += above_zero[offset : offset + len(value)]
        value ^= value >> _SHIFT
        value *= _MIXER
        value ^= value >> _SHIFT
    return found


def _hash_of_all(symbols: NDArray[np.unsignedinteger]) -> np.uint64:
    """Return what `_hashes` makes of one run of all symbols, in time linear in their number."""
    powers = np.ones(min(len(symbols), _STRETCH), dtype=np.uint64)
    powers[1:] = _MULTIPLIER
    powers = np.cumprod(powers)[::-1]
    value = np.zeros(1, dtype=np.uint64)
    for start in range(0, len(symbols), _STRETCH):
        part = symbols[start : start + _STRETCH].astype(np.uint64) + np.uint64(1)
        own = powers[len(powers) - len(part) :]
        value *= own[:1] * _MULTIPLIER
        value += (part * own).sum(dtype=np.uint64)
    value ^= value >> _SHIFT
    value *= _MIXER
    value ^= value >> _SHIFT
    return np.uint64(value[0])


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Return the distinct values, ascending: by sorting, which beats `numpy.unique` here."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]
