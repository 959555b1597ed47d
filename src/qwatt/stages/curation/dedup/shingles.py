"""Documents as sets of hashed shingles, and their exact Jaccard similarity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)

Shingles = NDArray[np.uint64]


def shingle(texts: Sequence[str], kind: str) -> list[Shingles]:
    """Return for each text the sorted 64-bit hashes of its distinct shingles.

    Letter case, punctuation and white space do not count. A text shorter than a shingle is one shingle.

    Args:
        texts: the documents.
        kind: "char5" for runs of 5 characters, "word3" for runs of 3 words, and so on.
    """
    unit, width = kind[:4], int(kind[4:])
    return [_hashes(_symbols(text, unit), width) for text in texts]


def _symbols(text: str, unit: str) -> NDArray[np.uint64]:
    words = re.findall(r"\w+", text.casefold())
    if unit == "word":
        return np.array([crc32(word.encode()) for word in words], dtype=np.uint64)
    return np.frombuffer(" ".join(words).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)


def _hashes(symbols: NDArray[np.uint64], width: int) -> Shingles:
    """Hash every run of `width` symbols by a polynomial modulo 2**64, then mix the bits."""
    count = max(1, len(symbols) - width + 1)
    value = np.zeros(count, dtype=np.uint64)
    for offset in range(min(width, len(symbols))):
        value = value * _MULTIPLIER + symbols[offset : offset + count] + np.uint64(1)
    value = (value ^ (value >> _SHIFT)) * _MIXER
    return np.unique(value ^ (value >> _SHIFT))


def jaccard(first: Shingles, second: Shingles) -> float:
    """Return the share of common shingles, counted exactly."""
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / (len(first) + len(second) - common)
