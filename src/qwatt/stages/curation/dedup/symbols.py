"""Texts as one buffer of symbols: their characters, or a code of every word, whole arrays at a time.

It finds the words of `qwatt.stages.curation.dedup.text.tokens` without a Python object for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.characters import (
    OF_BLANK,
    OF_SIGN,
    OF_SINGLE,
    OF_SINGLE_MARK,
    OF_WORD,
    code_points,
    decoded,
    kinds_of_bytes,
)
from qwatt.stages.curation.dedup.codes import Codes, Places, codes_of

BLOCK_CHARACTERS = 1 << 18
"""Texts that are shingled at a time: as many as stay in a core's cache."""

_PIECE = 1 << 20
"""Bytes of a long text of which words are looked for at a time."""
_WINDOW = 1 << 12
_SPACE = 32


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
        return decoded(self.utf8[self.starts[i] : self.starts[i] + self.lengths[i]])

    def characters(self) -> tuple[NDArray[Any], Places, Places]:
        """Return the code points of the buffer, where each text begins in them, and how many it has."""
        begins = (self.utf8 & 0xC0) != 0x80
        if begins.all():
            return self.utf8, self.starts, self.lengths
        counts = np.add.reduceat(begins, self.starts, dtype=np.int64)  # with the blank after each
        return code_points(decoded(self.utf8)), np.cumsum(counts) - counts, counts - 1

    def blanks(self) -> Places:
        """Return the number of blanks in every text, shape (texts,)."""
        found: Places = np.add.reduceat(self.utf8 == _SPACE, self.starts, dtype=np.int64) - 1
        return found

    def words(self) -> tuple[Codes, Places]:
        """Return the codes of all words, and the number of words of every text, shape (texts,)."""
        return self._coded(_word_places)

    def between_blanks(self) -> tuple[Codes, Places]:
        """Return the same of what stands between blanks, of texts in scripts that part words by them."""
        return self._coded(_places_between_blanks)

    def _coded(self, places: Callable[[NDArray[np.uint8]], tuple[Places, Places]]) -> tuple[Codes, Places]:
        bounds = np.append(self.starts, len(self.utf8))
        before = np.zeros_like(bounds)
        codes = [np.zeros(0, np.uint64)]
        for start, end in _pieces(self.utf8):
            piece = self.utf8[start:end]
            begins, ends = places(piece)
            codes.append(codes_of(piece, begins, ends))
            before += np.searchsorted(begins, bounds - start)
        return np.concatenate(codes), np.diff(before)


def _pieces(utf8: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """Yield where parts of a buffer begin and end, of about `_PIECE` bytes, that cut no word."""
    start = 0
    while start < len(utf8):
        end = _between_words(utf8, start + _PIECE)
        yield start, end
        start = end


def _between_words(utf8: NDArray[np.uint8], place: int) -> int:
    """Return the first place from this one on, or a little later, before which no word goes on."""
    while place < len(utf8):
        window = utf8[place : place + _WINDOW]
        whole = np.flatnonzero((window & 0xC0) != 0x80)  # where characters begin
        window = window[whole[0] : None if place + _WINDOW >= len(utf8) else whole[-1]]
        kinds, _ = kinds_of_bytes(window)
        place += int(whole[0])
        found = np.flatnonzero((window == _SPACE) | (kinds == OF_SINGLE))
        if len(found):
            return int(place + found[0] + (window[found[0]] == _SPACE))
        place += len(window)
    return len(utf8)


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
    kinds, singles = kinds_of_bytes(utf8)
    word = kinds == OF_WORD
    begins = word.copy()
    np.greater(word[1:], word[:-1], out=begins[1:])
    begins |= kinds == OF_SIGN
    if singles:
        begins |= kinds == OF_SINGLE
        mark = kinds == OF_SINGLE_MARK
        mark[1:] &= kinds[:-1] < OF_SINGLE
        begins |= mark
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(kinds))[: len(starts)]
    ends -= kinds[ends - 1] == OF_BLANK
    if (kinds[ends - 1] == OF_BLANK).any():  # more than one, as between empty texts
        signs = np.flatnonzero(kinds != OF_BLANK)
        ends = signs[np.searchsorted(signs, ends) - 1] + 1
    return starts, ends


def _places_between_blanks(utf8: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Return where what stands between blanks begins and ends in a buffer that ends with one."""
    ends = np.flatnonzero(utf8 == _SPACE)
    begins = np.append(0, ends[:-1] + 1)
    return begins[begins < ends], ends[begins < ends]
