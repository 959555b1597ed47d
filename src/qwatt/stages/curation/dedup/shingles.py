"""Documents as sets of hashed shingles, and their exact Jaccard similarity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.progress import told
from qwatt.stages.curation.dedup.codes import Places
from qwatt.stages.curation.dedup.run_hashes import (
    Symbols,
    distinct,
    first_of_equals,
    hash_distinct_runs,
    hash_runs,
    hash_slices,
)
from qwatt.stages.curation.dedup.symbols import Block, alike
from qwatt.stages.curation.dedup.text import SHORT, is_short, normalise

Shingles = NDArray[np.uint64]

_LONGEST_KIND = 10
_LONG = 1 << 22
"""Symbols of a block from which on no text's runs are all held at a time."""


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
        return ShingleSets.counted(np.concatenate([np.zeros(0, np.uint64), *sets]), sizes)

    @staticmethod
    def counted(values: Shingles, counts: Places) -> ShingleSets:
        """Cut an array into documents of so many shingles."""
        return ShingleSets(values, np.append(0, np.cumsum(counts)))

    @staticmethod
    def joined(parts: Sequence[ShingleSets]) -> ShingleSets:
        """Put the documents of several together, in order."""
        values = np.concatenate([np.zeros(0, np.uint64), *(part.values for part in parts)])
        return ShingleSets.counted(
            values, np.concatenate([np.zeros(0, int), *(part.sizes for part in parts)])
        )

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

    def distinct(self) -> ShingleSets:
        """Return every document's distinct shingles, ascending; what is here is sorted on the way."""
        values = self.values
        for i in np.flatnonzero(self.sizes > 1).tolist():
            values[self.offsets[i] : self.offsets[i + 1]].sort()
        new = first_of_equals(values)
        new[self.offsets[:-1][self.sizes > 0]] = True
        return self if new.all() else self.where(new)

    def where(self, mask: NDArray[np.bool_]) -> ShingleSets:
        """Return the shingles for which a mask of shape (shingles,) is true."""
        gone = np.flatnonzero(~mask)  # few, as a rule
        return ShingleSets(self.values[mask], self.offsets - np.searchsorted(gone, self.offsets))


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
    blocks = [
        shingle_runs(Block.of([texts[i] for i in members]), unit, width).distinct()
        for members in told(list(alike(texts)), "blocks of documents shingled", every=1)
    ]
    return ShingleSets.joined(blocks)


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
    """Return the hashes of all runs of every text of a block, in order and with repeats.

    Where a text is long it is those of every text's distinct runs.
    """
    if unit == "char":
        symbols, starts, counts = block.characters()
        few = np.flatnonzero(block.blanks() < SHORT - 1)
        short = few[[is_short(block.text(i)) for i in few.tolist()]] if len(few) else few
    else:
        symbols, counts = block.words()
        starts, short = np.cumsum(counts) - counts, np.flatnonzero(counts < SHORT)
    odd = distinct(np.concatenate([short, np.flatnonzero(counts < width)]))
    runs = _distinct_runs if len(symbols) >= _LONG else _all_runs
    found = runs(symbols, starts, counts, width, odd)
    found.values[found.offsets[odd]] = hash_slices(symbols, starts[odd], counts[odd])
    if unit != "char" and len(short):
        texts = Block.of([block.text(i) for i in short.tolist()])
        found.values[found.offsets[short]] = hash_slices(*texts.characters())
    return found


def _all_runs(symbols: Symbols, starts: Places, counts: Places, width: int, odd: Places) -> ShingleSets:
    """Return the hashes of all runs of texts, and room for one where a text is `odd`."""
    windows = counts - width + 1
    windows[odd] = 1
    offsets = np.append(0, np.cumsum(windows))
    found = hash_runs(symbols, width)[_whole(starts, counts, width, odd, len(symbols))]
    if not len(odd):
        return ShingleSets(found, offsets)
    values = np.empty(offsets[-1], dtype=np.uint64)
    ordinary = np.ones(len(values), dtype=bool)
    ordinary[offsets[odd]] = False
    values[ordinary] = found
    return ShingleSets(values, offsets)


def _distinct_runs(symbols: Symbols, starts: Places, counts: Places, width: int, odd: Places) -> ShingleSets:
    """Return the same less repeats, and never hold all runs of a text."""
    sets = [np.zeros(1, np.uint64)] * len(starts)
    for i in np.setdiff1d(np.arange(len(starts)), odd, assume_unique=True).tolist():
        sets[i] = hash_distinct_runs(symbols[starts[i] : starts[i] + counts[i]], width)
    return ShingleSets.of(sets)


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
