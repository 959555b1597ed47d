"""The distinct words of many texts: what a document is worth, and what is left of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.checksum import Checksums
from qwatt.stages.curation.dedup.symbols import Block, alike
from qwatt.stages.curation.dedup.text import folded, has_blanks, words


def vocabularies(texts: Sequence[str]) -> list[Checksums]:
    """Return the hashes of every text's distinct words, case folded, ascending."""
    found = [np.zeros(0, np.uint32)] * len(texts)
    for members in told(list(alike(texts)), "blocks of documents read", every=1):
        plain = [i for i in members if has_blanks(texts[i])]
        block = Block.of([folded(texts[i]) for i in plain])
        begins, ends = block.between_blanks()
        codes = block.word_codes(begins, ends)
        first = np.searchsorted(begins, np.append(block.starts, len(block.utf8))).tolist()
        for n, i in enumerate(plain):
            found[i] = np.unique(codes[first[n] : first[n + 1]])
        for i in set(members).difference(plain):
            found[i] = distinct_words(texts[i])
    return found


def distinct_words(text: str) -> Checksums:
    """Return the hashes of one text's distinct words, ascending."""
    return np.unique(np.array([_hash(word) for word in words(text)], dtype=np.uint32))


def _hash(word: str) -> int:
    return crc32(word.encode("utf-8", "surrogatepass"))
