"""Texts brought into the form in which they are compared, as bytes of one buffer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from unicodedata import category, is_normalized

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.characters import code_points, decoded
from qwatt.stages.curation.dedup.codes import Places
from qwatt.stages.curation.dedup.symbols import Block
from qwatt.stages.curation.dedup.text import normalise

_ASCII = "".join(" " if c.isspace() else c.lower() for c in map(chr, range(128)))
_FORM = _ASCII.encode() + bytes(range(128, 256))
"""Every byte's small letter, and a blank for white space; bytes beyond ASCII stay."""
_SPACE = 32
_CODE_POINTS = 0x110000
_JAMO = range(0x1100, 0x1200)
"""Parts of Korean syllables, which join what is before them."""
_FURTHER_PLANES = 0x10000
"""Letters from here on may do so too, by the Unicode of later Pythons."""
_PIECE = 1 << 20
"""Bytes that are looked at at a time."""
_UNKNOWN, _STAYS, _FOLDS, _CHANGES = range(4)
"""What becomes of a character: nothing, one other by case folding, or more than can be said of it alone."""


def plain_block(texts: Sequence[str]) -> Block:
    """Return `Block.of` the texts normalised as by `qwatt.stages.curation.dedup.text.normalise`, its "signs".

    Args:
        texts: each with more than white space.
    """
    parts = [_small(text) for text in texts]
    data = np.frombuffer(b" ".join([*parts, b""]), dtype=np.uint8)
    ends = np.cumsum(_lengths(parts) + 1)

    def parts_of(places: Places) -> set[int]:
        return set(np.searchsorted(ends, places, side="right").tolist())

    folds, changes = _beyond_ascii(data)
    folded, other = parts_of(folds), parts_of(changes)
    spaced = parts_of(_doubled(data)) | folded
    for i in folded - other:
        parts[i] = _small(texts[i].casefold())
    for i in spaced - other:
        parts[i] = _single_blanks(parts[i])
    for i in other:
        parts[i] = normalise(texts[i]).encode("utf-8", "surrogatepass")
    if spaced or other:
        data = np.frombuffer(b" ".join([*parts, b""]), dtype=np.uint8)
    lengths = _lengths(parts)
    return Block(data, np.cumsum(lengths + 1) - lengths - 1, lengths)


def _small(text: str) -> bytes:
    """Return a text in UTF-8, its ASCII in small letters and white space as blanks."""
    return text.encode("utf-8", "surrogatepass").translate(_FORM)


def _lengths(parts: Sequence[bytes]) -> Places:
    return np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))


def _doubled(utf8: NDArray[np.uint8]) -> Places:
    """Return the places of blanks that follow one, or begin the buffer."""
    blank = utf8 == _SPACE
    doubled = blank.copy()
    doubled[1:] &= blank[:-1]
    return np.flatnonzero(doubled)


def _single_blanks(part: bytes) -> bytes:
    part = part.strip(b" ")
    while b"  " in part:
        part = part.replace(b"  ", b" ")
    return part


def _beyond_ascii(utf8: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Return the places of characters beyond ASCII that fold, and of those that change otherwise."""
    folds, changes = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    start = 0
    while start < len(utf8):
        end = start + _PIECE
        while end < len(utf8) and utf8[end] & 0xC0 == 0x80:
            end += 1
        high = start + np.flatnonzero(utf8[start:end] >= 0x80)
        fates = _fates(code_points(decoded(utf8[high])))
        if fates.max(initial=_STAYS) > _STAYS:
            begins = high[utf8[high] >= 0xC0]
            folds.append(begins[fates == _FOLDS])
            changes.append(begins[fates == _CHANGES])
        start = end
    return np.concatenate(folds), np.concatenate(changes)


def _fates(points: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return what becomes of code points."""
    table = _table()
    fates = table.take(points)
    unknown = set(points[fates == _UNKNOWN].tolist())
    if unknown:
        for point in unknown:
            table[point] = _fate(chr(point))
        fates = table.take(points)
    return fates


@cache
def _table() -> NDArray[np.uint8]:
    """Return what becomes of every code point, `_UNKNOWN` where none has asked."""
    return np.zeros(_CODE_POINTS, dtype=np.uint8)


def _fate(sign: str) -> int:
    """Return what NFC and case folding do to a character, whatever is before it."""
    small = sign.casefold()
    if not _is_inert(sign) or not (len(small) == 1 and _is_inert(small) and small.casefold() == small):
        return _CHANGES
    return _STAYS if small == sign else _FOLDS


def _is_inert(sign: str) -> bool:
    """Return whether NFC leaves a character as it is, and alone; white space is another matter."""
    own = category(sign)
    joins = own[0] == "M" or ord(sign) in _JAMO or (own[0] == "L" and ord(sign) >= _FURTHER_PLANES)
    return not joins and not sign.isspace() and is_normalized("NFC", sign)
