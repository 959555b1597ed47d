"""The distinct words of many texts: what a document is worth, and what is left of a corpus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.codes import Codes
from qwatt.stages.curation.dedup.symbols import Block, alike
from qwatt.stages.curation.dedup.text import folded, has_blanks, words


def vocabularies(texts: Sequence[str]) -> list[Codes]:
    """Return the codes of every text's distinct words, case folded, ascending."""
    found: list[Codes] = []
    for members in told(list(alike(texts)), "blocks of documents read", every=1):
        block = Block.of([_spaced(texts[i]) for i in members])
        begins, ends = block.between_blanks()
        codes = block.word_codes(begins, ends)
        first = np.searchsorted(begins, np.append(block.starts, len(block.utf8))).tolist()
        found += [np.unique(codes[first[n] : first[n + 1]]) for n in range(len(members))]
    return found


def _spaced(text: str) -> str:
    """Return a text's words between blanks."""
    return folded(text) if has_blanks(text) else " ".join(words(text))
