"""Boilerplate: runs of words that many different documents share, such as a licence or a page's template.

It makes documents similar that say different things, so that what two documents share beside it tells whether
they are duplicates.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qwatt.stages.curation.dedup.leaders import stars
from qwatt.stages.curation.dedup.look_up import look_up
from qwatt.stages.curation.dedup.shingles import (
    Shingles,
    ShingleSets,
    shingle_kind,
    shingle_normalised,
)

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
    ordered = ShingleSets.of(different).values
    ordered.sort()
    common: Shingles = ordered[MOST_DOCUMENTS:][ordered[MOST_DOCUMENTS:] == ordered[:-MOST_DOCUMENTS]]
    return np.unique(common)


def without_boilerplate(shingles: Sequence[Shingles], common: Shingles) -> ShingleSets:
    """Return what documents say of their own, or all of it where that is too little to compare by."""
    sets = ShingleSets.of(shingles)
    if not len(common):
        return sets
    own = np.empty(len(sets.values), dtype=bool)
    for part, _, there in look_up(sets.values, common):
        np.logical_not(there, out=own[part])
    counts = sets.sizes - np.diff(np.searchsorted(np.flatnonzero(~own), sets.offsets))
    return sets.where(own | np.repeat(counts < FEWEST_OWN, sets.sizes))


def corpus_shingles(texts: Sequence[str], kind: str) -> Sequence[Shingles]:
    """Return the shingles of a corpus of normalised texts; "own3" are runs of words less boilerplate."""
    return as_kind(shingle_normalised(texts, kind), kind)


def as_kind(shingles: Sequence[Shingles], kind: str) -> Sequence[Shingles]:
    """Return what a kind makes of the runs of a corpus: "own3" leaves boilerplate out."""
    if shingle_kind(kind)[0] != "own":
        return shingles
    sets = ShingleSets.of(shingles)
    return without_boilerplate(sets, boilerplate(sets))
