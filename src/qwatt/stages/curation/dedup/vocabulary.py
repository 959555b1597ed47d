"""The distinct words of many texts: what a document is worth, and what is left of a corpus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.codes import Codes
from qwatt.stages.curation.dedup.shingles import ShingleSets
from qwatt.stages.curation.dedup.symbols import Block, alike
from qwatt.stages.curation.dedup.text import folded, has_blanks


def vocabularies(texts: Sequence[str]) -> ShingleSets:
    """Return the codes of every text's distinct words, case folded, ascending.

    Words stand between blanks; in scripts without blanks every character is one.
    """
    blocks = told(list(alike(texts)), "blocks of documents read", every=1)
    return ShingleSets.joined([_of_block([texts[i] for i in members]).distinct() for members in blocks])


def _of_block(texts: Sequence[str]) -> ShingleSets:
    """Return the codes of all words of some texts."""
    spaced = np.array([has_blanks(text) for text in texts])
    sets: list[Codes] = [np.zeros(0, np.uint64)] * len(texts)
    for blanks in (True, False):
        members = np.flatnonzero(spaced == blanks).tolist()
        if members:
            block = Block.of([folded(texts[i]) for i in members])
            found = ShingleSets.counted(*(block.between_blanks() if blanks else block.words()))
            if len(members) == len(texts):
                return found
            for i, own in zip(members, found, strict=True):
                sets[i] = own
    return ShingleSets.of(sets)
