"""Boilerplate: runs of words that many different documents share, such as a licence or a page's template.

It makes documents similar that say different things, so that what two documents share beside it tells whether
they are duplicates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qwatt.stages.curation.dedup.leaders import stars
from qwatt.stages.curation.dedup.shingles import Shingles, shingle_kind, shingle_normalised

NEAR_COPY = 0.8
"""Documents that share so much are versions of one: what they share is counted once."""
MOST_DOCUMENTS = 5
"""A run that more documents share, near copies counted once, is boilerplate."""
FEWEST_OWN = 10
"""A document with fewer runs of its own is compared as a whole."""


def boilerplate(shingles: Sequence[Shingles]) -> Shingles:
    """Return the ascending shingles that are boilerplate among documents."""
    leader = stars(shingles, np.ones(len(shingles)), NEAR_COPY, seed=0).leader
    different = [shingles[i] for i, first in enumerate(leader.tolist()) if i == first]
    if not different:
        return np.zeros(0, dtype=np.uint64)
    runs, documents = np.unique(np.concatenate(different), return_counts=True)
    return runs[documents > MOST_DOCUMENTS]


def without_boilerplate(shingles: Shingles, common: Shingles) -> Shingles:
    """Return what a document says of its own, or all of it where that is too little to compare by."""
    own = np.setdiff1d(shingles, common, assume_unique=True)
    return own if len(own) >= FEWEST_OWN else shingles


def corpus_shingles(texts: Sequence[str], kind: str) -> list[Shingles]:
    """Return the shingles of a corpus of normalised texts; "own3" are runs of words less boilerplate."""
    found = shingle_normalised(texts, kind)
    if shingle_kind(kind)[0] != "own":
        return found
    common = boilerplate(found)
    return [without_boilerplate(document, common) for document in found]
