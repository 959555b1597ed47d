"""Texts as one buffer of symbols: their characters, or a code of every word, whole arrays at a time.

It finds the words of `qwatt.stages.curation.dedup.text.tokens` without a Python object for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.curation.dedup.codes import Codes, Places, codes_of
from qwatt.stages.curation.dedup.text import MARK, SINGLE, WORD

if TYPE_CHECKING:
    import regex
else:
    regex = lazy("regex")

_BLANK, _OTHER, _WORD, _MARK, _REST, _SINGLE, _SINGLE_MARK, _ATTACHED = range(8)
"""What a byte is of: a blank, a sign, a word, a mark; the rest of a sign; a character that is a word of its
own, such a mark, and what belongs to the character before it."""

_GOES_ON = np.array([_BLANK, _REST, _WORD, _MARK, _REST, _ATTACHED, _ATTACHED, _ATTACHED], dtype=np.uint8)
"""What the further bytes of a character are."""

BLOCK_CHARACTERS = 1 << 18
"""Texts that are shingled at a time: as many as stay in a core's cache."""

_CODE_POINTS = 0x110000
_PAGE_BITS = 12
_SPACE = 32
_HIGH = 0x80
"""The least byte beyond ASCII."""


@dataclass(frozen=True)
class Block:
    """Normalised texts in one buffer of UTF-8, a blank after each.

    Args:
        utf8: the buffer, shape (bytes,).
        starts: where each text begins, shape (texts,).
        lengths: bytes of each, shape (texts,).
    """

    utf8: NDArray[np.uint8]
    starts: Places
    lengths: Places

    @staticmethod
    def of(texts: Sequence[str]) -> Block:
        """Put texts together."""
        data = [text.encode("utf-8", "surrogatepass") for text in texts]
        lengths = np.fromiter(map(len, data), dtype=np.int64, count=len(data))
        utf8 = np.frombuffer(b" ".join([*data, b""]), dtype=np.uint8)
        return Block(utf8, np.cumsum(lengths + 1) - lengths - 1, lengths)

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, i: int) -> str:
        """Return one of the texts."""
        return _decoded(self.utf8[self.starts[i] : self.starts[i] + self.lengths[i]])

    def characters(self) -> tuple[NDArray[Any], Places, Places]:
        """Return the code points of the buffer, where each text begins in them, and how many it has."""
        high = np.flatnonzero((self.utf8 & 0xC0) == 0x80)
        if not len(high):
            return self.utf8, self.starts, self.lengths
        starts = self.starts - np.searchsorted(high, self.starts)
        ends = self.starts + self.lengths
        return code_points(_decoded(self.utf8)), starts, ends - np.searchsorted(high, ends) - starts

    def blanks(self) -> Places:
        """Return the number of blanks in every text, shape (texts,)."""
        blanks = np.flatnonzero(self.utf8 == _SPACE)
        return np.diff(np.searchsorted(blanks, np.append(self.starts, len(self.utf8)))) - 1

    def words(self) -> tuple[Places, Places, Places]:
        """Return where words begin and end in `utf8`, and the words of each text, shape (texts,)."""
        starts, ends = _word_places(self.utf8)
        first = np.searchsorted(starts, np.append(self.starts, len(self.utf8)))
        return starts, ends, np.diff(first)

    def between_blanks(self) -> tuple[Places, Places]:
        """Return where what stands between blanks begins and ends in `utf8`."""
        ends = np.flatnonzero(self.utf8 == _SPACE)
        begins = np.append(0, ends[:-1] + 1)
        return begins[begins < ends], ends[begins < ends]

    def word_codes(self, starts: Places, ends: Places) -> Codes:
        """Return the code of every word, shape (words,)."""
        return codes_of(self.utf8, starts, ends)


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code points of a text, shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _decoded(utf8: NDArray[np.uint8]) -> str:
    return utf8.tobytes().decode("utf-8", "surrogatepass")


def alike(texts: Sequence[str]) -> Iterator[range]:
    """Yield the numbers of texts that are put together."""
    start = size = 0
    for i, text in enumerate(texts):
        size += len(text)
        if size >= BLOCK_CHARACTERS:
            yield range(start, i + 1)
            start, size = i + 1, 0
    if start < len(texts):
        yield range(start, len(texts))


def _word_places(utf8: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Return where the words and signs begin and end, in order.

    A run of word characters is one word; in scripts without blanks every character is one, with its marks.
    """
    kinds = np.frombuffer(utf8.tobytes().translate(_byte_kinds()), dtype=np.uint8)
    high = np.flatnonzero(utf8 >= _HIGH)
    single_marks = False
    if len(high):
        kinds = kinds.copy()
        single_marks = _place_others(kinds, utf8, high)
    word = kinds == _WORD
    begins = word.copy()
    np.greater(word[1:], word[:-1], out=begins[1:])
    begins |= (kinds == _OTHER) | (kinds == _SINGLE)
    if single_marks:
        mark = kinds == _SINGLE_MARK
        mark[1:] &= kinds[:-1] < _SINGLE
        begins |= mark
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(kinds))[: len(starts)]
    ends -= kinds[ends - 1] == _BLANK
    if (kinds[ends - 1] == _BLANK).any():  # more than one, as between empty texts
        signs = np.flatnonzero(kinds != _BLANK)
        ends = signs[np.searchsorted(signs, ends) - 1] + 1
    return starts, ends


def _place_others(kinds: NDArray[np.uint8], utf8: NDArray[np.uint8], high: Places) -> bool:
    """Enter the kinds of the bytes beyond ASCII; return whether there is a mark that may be a word."""
    lead = utf8[high] >= 0xC0
    found = kinds_of(code_points(_decoded(utf8[high])))
    own = found[np.cumsum(lead) - 1]
    kinds[high] = np.where(lead, own, _GOES_ON.take(own))
    if (found == _MARK).any():
        marks = np.flatnonzero(kinds == _MARK)
        last = np.maximum.accumulate(np.where(kinds != _MARK, np.arange(len(kinds)), 0))[marks]
        attached = (last < marks) & (kinds[last] >= _SINGLE)
        kinds[marks] = np.where(attached, _ATTACHED, _WORD)
    return bool((found == _SINGLE_MARK).any())


@cache
def _byte_kinds() -> bytes:
    """Return the kind of every byte of ASCII, and of those beyond a placeholder: a table of 256."""
    kinds = bytearray([_OTHER]) * 256
    for kind, pattern in ((_BLANK, r"\s"), (_WORD, r"\w")):
        for found in re.finditer(pattern, "".join(map(chr, range(128))), re.ASCII):
            kinds[found.start()] = kind
    return bytes(kinds)


def kinds_of(points: NDArray[np.uint32]) -> NDArray[np.uint8]:
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
    return np.full(_CODE_POINTS, _OTHER, dtype=np.uint8), np.zeros(_CODE_POINTS >> _PAGE_BITS, dtype=bool)


def _fill_page(kinds: NDArray[np.uint8], first: int) -> None:
    """Enter the kinds of consecutive code points."""
    every = "".join(map(chr, range(first, first + len(kinds))))
    for kind, pattern in (
        (_BLANK, r"\s"),
        (_WORD, WORD),
        (_MARK, MARK),
        (_SINGLE, SINGLE),
        (_SINGLE_MARK, rf"[{SINGLE}&&{MARK}]"),
    ):
        for run in regex.finditer(rf"{pattern}+", every, flags=regex.V1):
            kinds[run.start() : run.end()] = kind
