"""Documents as sets of hashed shingles, and their exact Jaccard similarity."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.progress import told
from qwatt.stages.curation.dedup.text import is_short, normalise, tokens

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)
_LONGEST_KIND = 10

Shingles = NDArray[np.uint64]


def shingle(texts: Sequence[str], kind: str, normalisation: str = "signs") -> list[Shingles]:
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


def shingle_normalised(texts: Sequence[str], kind: str) -> list[Shingles]:
    """Return the same for texts that are normalised already."""
    unit, width = shingle_kind(kind)
    return [_shingles(text, unit, width) for text in told(texts, "documents shingled")]


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


def _shingles(text: str, unit: str, width: int) -> Shingles:
    if is_short(text):
        return _hashes(_characters(text), max(1, len(text)))
    if unit != "char":
        words = tokens(text)
        codes = {word: crc32(word.encode("utf-8", "surrogatepass")) for word in set(words)}
        return _hashes(np.array([codes[word] for word in words], dtype=np.uint64), width)
    return _hashes(_characters(text), width)


def _characters(text: str) -> NDArray[np.uint64]:
    data = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(data, dtype=np.uint32).astype(np.uint64)


def _hashes(symbols: NDArray[np.uint64], width: int) -> Shingles:
    """Hash every run of `width` symbols by a polynomial modulo 2**64, then mix the bits."""
    count = max(1, len(symbols) - width + 1)
    value = np.zeros(count, dtype=np.uint64)
    for offset in range(min(width, len(symbols))):
        value = value * _MULTIPLIER + symbols[offset : offset + count] + np.uint64(1)
    value = (value ^ (value >> _SHIFT)) * _MIXER
    return _distinct(value ^ (value >> _SHIFT))


def _distinct(values: Shingles) -> Shingles:
    """Return the distinct values, ascending: by sorting, which beats a hash table here."""
    values.sort()
    new = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return values[new]
