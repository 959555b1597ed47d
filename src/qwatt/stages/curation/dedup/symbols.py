"""Texts as one buffer of symbols: their characters, or a checksum of every word, whole arrays at a time.

It finds the words of `qwatt.stages.curation.dedup.text.tokens` without a Python object for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.curation.dedup.checksum import Checksums, Places, crc32_of
from qwatt.stages.curation.dedup.text import MARK, SINGLE, WORD

if TYPE_CHECKING:
    import regex
else:
    regex = lazy("regex")

_BLANK, _OTHER, _WORD, _MARK, _SINGLE, _SINGLE_MARK, _ATTACHED = range(7)
"""What a character is: blank, sign, of a word, mark, a word of its own, mark of such, mark after such."""

BLOCK_CHARACTERS = 1 << 16
"""Texts that are shingled at a time: as many as stay in a core's cache."""

_CODE_POINTS = 0x110000
_SPACE = 32


@dataclass(frozen=True)
class Block:
    """Normalised texts in one buffer, a blank after each.

    Args:
        codes: code points; bytes where all are ASCII. Shape (characters,).
        starts: where each text begins, shape (texts,).
        lengths: characters of each, shape (texts,).
        utf8: the same in UTF-8, shape (bytes,).
    """

    codes: NDArray[Any]
    starts: Places
    lengths: Places
    utf8: NDArray[np.uint8]

    @staticmethod
    def of(texts: Sequence[str]) -> Block:
        """Put texts together."""
        joined = " ".join([*texts, ""])
        utf8 = np.frombuffer(joined.encode("utf-8", "surrogatepass"), dtype=np.uint8)
        codes = (
            utf8
            if len(utf8) == len(joined)
            else np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        )
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        return Block(codes, np.cumsum(lengths + 1) - lengths - 1, lengths, utf8)

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, i: int) -> str:
        """Return one of the texts."""
        return self.characters(i).astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")

    def characters(self, i: int) -> NDArray[Any]:
        """Return the code points of one of the texts."""
        return self.codes[self.starts[i] : self.starts[i] + self.lengths[i]]

    def blanks(self) -> Places:
        """Return the number of blanks in every text, shape (texts,)."""
        blanks = np.flatnonzero(self.codes == _SPACE)
        return np.diff(np.searchsorted(blanks, np.append(self.starts, len(self.codes)))) - 1

    def words(self) -> tuple[Places, Places, Places]:
        """Return where words begin and end in `codes`, and the words of each text, shape (texts,)."""
        starts, ends = _word_places(self.codes)
        first = np.searchsorted(starts, np.append(self.starts, len(self.codes)))
        return starts, ends, np.diff(first)

    def between_blanks(self) -> tuple[Places, Places]:
        """Return where what stands between blanks begins and ends in `codes`."""
        ends = np.flatnonzero(self.codes == _SPACE)
        begins = np.append(0, ends[:-1] + 1)
        return begins[begins < ends], ends[begins < ends]

    def word_codes(self, starts: Places, ends: Places) -> Checksums:
        """Return the CRC-32 of the UTF-8 of every word, shape (words,)."""
        if self.codes is self.utf8:
            return crc32_of(self.utf8, starts, ends)
        width = 1 + (self.codes >= 0x80) + (self.codes >= 0x800) + (self.codes >= 0x10000)
        place = np.concatenate([[0], np.cumsum(width, dtype=np.int64)])
        return crc32_of(self.utf8, place[starts], place[ends])


def alike(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield the numbers of texts that are put together: ASCII apart, whose characters are bytes."""
    todo: dict[bool, list[int]] = {True: [], False: []}
    size = {True: 0, False: 0}
    for i, text in enumerate(texts):
        plain = text.isascii()
        todo[plain].append(i)
        size[plain] += len(text)
        if size[plain] >= BLOCK_CHARACTERS:
            yield todo[plain]
            todo[plain], size[plain] = [], 0
    yield from filter(None, todo.values())


def _word_places(codes: NDArray[Any]) -> tuple[Places, Places]:
    """Return where the words and signs begin and end, in order.

    A run of word characters is one word; in scripts without blanks every character is one, with its marks.
    """
    wide = codes.dtype != np.uint8
    kinds = _kinds()[codes] if wide else _kinds()[:128].take(codes)
    word = kinds == _WORD
    begins = word.copy()
    if wide:
        kinds = _marks_placed(kinds)
        word = kinds == _WORD
        begins = word | (kinds == _SINGLE_MARK)
        begins[1:] &= ~((kinds[1:] == _SINGLE_MARK) & (kinds[:-1] >= _SINGLE))
    begins[1:] &= ~(word[1:] & word[:-1])
    begins |= (kinds == _OTHER) | (kinds == _SINGLE)
    ends = kinds != _BLANK
    ends[:-1] &= begins[1:] | (kinds[1:] == _BLANK)
    return np.flatnonzero(begins), np.flatnonzero(ends) + 1


def _marks_placed(kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Tell marks after a character that is a word of its own from those that belong to a run of letters."""
    marks = np.flatnonzero(kinds == _MARK)
    if not len(marks):
        return kinds
    last = np.maximum.accumulate(np.where(kinds != _MARK, np.arange(len(kinds)), 0))
    attached = (last[marks] < marks) & (kinds[last[marks]] >= _SINGLE)
    kinds[marks] = np.where(attached, _ATTACHED, _WORD)
    return kinds


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of every code point, shape (1114112,)."""
    every = "".join(map(chr, range(_CODE_POINTS)))
    kinds = np.full(_CODE_POINTS, _OTHER, dtype=np.uint8)
    for kind, pattern in (
        (_BLANK, r"\s"),
        (_WORD, WORD),
        (_MARK, MARK),
        (_SINGLE, SINGLE),
        (_SINGLE_MARK, rf"[{SINGLE}&&{MARK}]"),
    ):
        for run in regex.finditer(rf"{pattern}+", every, flags=regex.V1):
            kinds[run.start() : run.end()] = kind
    return kinds
