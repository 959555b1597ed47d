"""What the bytes of a text are: of a blank, of a sign, of a word, of a mark; whole arrays at a time."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.curation.dedup.codes import Places
from qwatt.stages.curation.dedup.text import MARK, SINGLE, WORD

if TYPE_CHECKING:
    import regex
else:
    regex = lazy("regex")

OF_BLANK, OF_SIGN, OF_WORD, _MARK, _REST, OF_SINGLE, OF_SINGLE_MARK, _ATTACHED = range(8)
"""What a byte is of: a blank, a sign, a word, a mark; the rest of a sign; a character that is a word of its
own, such a mark, and what belongs to the character before it."""

_GOES_ON = np.array([OF_BLANK, _REST, OF_WORD, _MARK, _REST, _ATTACHED, _ATTACHED, _ATTACHED], dtype=np.uint8)
"""What the further bytes of a character are."""

_CODE_POINTS = 0x110000
_PAGE_BITS = 12
_HIGH = 0x80
"""The least byte beyond ASCII."""


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code points of a text, shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def decoded(utf8: NDArray[np.uint8]) -> str:
    """Return the text of a buffer."""
    return utf8.tobytes().decode("utf-8", "surrogatepass")


def kinds_of_bytes(utf8: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], bool]:
    """Return the kind of every byte, shape (bytes,), and whether there are characters that are words."""
    kinds = np.frombuffer(utf8.tobytes().translate(_byte_kinds()), dtype=np.uint8)
    high = np.flatnonzero(utf8 >= _HIGH)
    if not len(high):
        return kinds, False
    kinds = kinds.copy()
    return kinds, _place_others(kinds, utf8, high)


def _place_others(kinds: NDArray[np.uint8], utf8: NDArray[np.uint8], high: Places) -> bool:
    """Enter the kinds of the bytes beyond ASCII; return whether some characters are words."""
    lead = utf8[high] >= 0xC0
    found = _kinds_of(code_points(decoded(utf8[high])))
    own = found[np.cumsum(lead) - 1]
    kinds[high] = np.where(lead, own, _GOES_ON.take(own))
    if (found == _MARK).any():
        marks = np.flatnonzero(kinds == _MARK)
        last = np.maximum.accumulate(np.where(kinds != _MARK, np.arange(len(kinds)), 0))[marks]
        attached = (last < marks) & (kinds[last] >= OF_SINGLE)
        kinds[marks] = np.where(attached, _ATTACHED, OF_WORD)
    return bool((found >= OF_SINGLE).any())


@cache
def _byte_kinds() -> bytes:
    """Return the kind of every byte of ASCII, and of those beyond a placeholder: a table of 256."""
    kinds = bytearray([OF_SIGN]) * 256
    for kind, pattern in ((OF_BLANK, r"\s"), (OF_WORD, r"\w")):
        for found in re.finditer(pattern, "".join(map(chr, range(128))), re.ASCII):
            kinds[found.start()] = kind
    return bytes(kinds)


def _kinds_of(points: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the kinds of code points; what a page of them is, is found when the first of it occurs."""
    table, known = _pages()
    there = np.zeros_like(known)
    there[points >> _PAGE_BITS] = True
    for page in np.flatnonzero(there & ~known).tolist():
        _fill_page(table[page << _PAGE_BITS : (page + 1) << _PAGE_BITS], page << _PAGE_BITS)
        known[page] = True
    return table.take(points)


@cache
def _pages() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return the kind of every code point, shape (1114112,), and for which pages it is filled in."""
    return np.full(_CODE_POINTS, OF_SIGN, dtype=np.uint8), np.zeros(_CODE_POINTS >> _PAGE_BITS, dtype=bool)


def _fill_page(kinds: NDArray[np.uint8], first: int) -> None:
    """Enter the kinds of consecutive code points."""
    every = "".join(map(chr, range(first, first + len(kinds))))
    for kind, pattern in (
        (OF_BLANK, r"\s"),
        (OF_WORD, WORD),
        (_MARK, MARK),
        (OF_SINGLE, SINGLE),
        (OF_SINGLE_MARK, rf"[{SINGLE}&&{MARK}]"),
    ):
        for run in regex.finditer(rf"{pattern}+", every, flags=regex.V1):
            kinds[run.start() : run.end()] = kind
