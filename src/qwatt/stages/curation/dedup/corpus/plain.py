"""Texts brought into the form in which they are compared, all at once: as bytes of one buffer."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import is_normalized, normalize

import numpy as np

from qwatt.stages.curation.dedup.symbols import Block

_SPACE = 32
_ASCII = "".join(" " if c.isspace() else c.lower() for c in map(chr, range(128)))
_FORM = _ASCII.encode() + bytes(range(128, 256))
"""Every byte's small letter, and a blank for white space; bytes beyond ASCII stay."""
_OTHER_BLANKS = "".join(c for c in map(chr, range(128, 0x3001)) if c.isspace())


def plain_block(texts: Sequence[str]) -> Block:
    """Return `Block.of` the texts normalised as by `qwatt.stages.curation.dedup.text.normalise`, its "signs".

    Args:
        texts: each with more than white space.
    """
    parts = [(text if text.isascii() else _folded(text)).encode("utf-8", "surrogatepass") for text in texts]
    data = b" ".join([*parts, b""]).translate(_FORM)
    utf8 = np.frombuffer(data, dtype=np.uint8)
    lengths = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    ends = np.cumsum(lengths + 1) - 1
    if b"  " in data or data.startswith(b" "):
        blank = utf8 == _SPACE
        gone = blank.copy()
        gone[1:] &= blank[:-1]  # all but the first of every run of blanks
        ends -= np.searchsorted(np.flatnonzero(gone), ends, side="right")
        utf8 = utf8[~gone]
    starts = np.append(0, ends[:-1] + 1)
    return Block(utf8, starts, ends - starts)


def _folded(text: str) -> str:
    """Return a text in NFC, case folded, and without blanks beyond ASCII."""
    folded = (text if is_normalized("NFC", text) else normalize("NFC", text)).casefold()
    if not is_normalized("NFC", folded):
        folded = normalize("NFC", folded)
    return " ".join(folded.split()) if any(blank in folded for blank in _OTHER_BLANKS) else folded
