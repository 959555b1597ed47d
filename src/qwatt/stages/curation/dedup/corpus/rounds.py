"""Which documents of buckets stay: the independent set that visiting them by rank gives, found in rounds.

A document that ranks first in all its buckets is kept, and the open documents of these buckets are compared
with it; those that are similar are removed. Then the next ones rank first. So every removed document is
similar to a kept one, no two kept documents that were compared are similar, and neither the order of the
input nor the number of workers matters. It is what `qwatt.stages.curation.dedup.leaders` does one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import tell
from qwatt.stages.curation.dedup.corpus.buckets import Buckets, Numbers
from qwatt.stages.curation.dedup.lsh import LEADERS_OF_A_BUCKET
from qwatt.stages.curation.dedup.run_hashes import squeeze

_COUNTED = 1 << 22
"""Numbers that are counted at a time."""

Compare = Callable[[Numbers, Numbers], NDArray[np.float64]]
"""Called with pairs of documents by rank; returns their similarities."""


@dataclass(frozen=True)
class Kept:
    """What became of the documents of buckets, by rank.

    Args:
        leader: the document that stands for each, itself for those that are kept; shape (documents,).
        similarity: to it, shape (documents,).
        rounds: how many it took.
        verified: pairs that were compared.
        capped: buckets with more than `LEADERS_OF_A_BUCKET` kept documents: not all pairs were compared.
    """

    leader: Numbers
    similarity: NDArray[np.float64]
    rounds: int
    verified: int
    capped: int


def keep(buckets: Buckets, threshold: float, compare: Compare) -> Kept:
    """Return the documents that stay, and the most similar leader of every other one.

    Args:
        buckets: of the documents.
        threshold: least similarity of a document to its leader.
        compare: gives similarities.
    """
    count = len(buckets.names)
    decided = np.zeros(count, dtype=bool)
    led = np.zeros(int(buckets.bucket.max(initial=-1)) + 1, dtype=np.int64)
    member, bucket = buckets.member, buckets.bucket
    kept = np.ones(count, dtype=bool)
    rounds = verified = 0
    while len(member):
        rounds += 1
        tell(int(decided.sum()), 0, "documents compared")  # no round tells how many the next one decides
        first = np.append(True, bucket[1:] != bucket[:-1])  # members are in the order of rank
        starts = np.flatnonzero(first)
        heads, sizes = member[starts], np.diff(np.append(starts, len(member)))
        leads = np.bincount(heads, minlength=count) == _counts(member, count)
        won = leads[heads]  # buckets whose head leads all of its own
        others = np.repeat(won, sizes) & ~first
        one, other = _distinct(np.repeat(heads[won], sizes[won] - 1), member[others], count)
        verified += len(one)
        similar = compare(one, other) >= threshold
        kept[other[similar]] = False
        decided[heads[won]] = True
        decided[other[similar]] = True
        led[bucket[starts[won]]] += 1
        still = ~decided[member] & (led < LEADERS_OF_A_BUCKET)[bucket]
        member, bucket = member[still], bucket[still]
    leader, similarity, more = _followed(buckets, kept, compare)
    leaders = _counts(buckets.bucket[kept[buckets.member]], len(led))
    return Kept(leader, similarity, rounds, verified + more, int((leaders > LEADERS_OF_A_BUCKET).sum()))


def _counts(numbers: Numbers, count: int) -> NDArray[np.int64]:
    """Return how often each of so many numbers occurs; `bincount` copies what is of 32 bits."""
    found = np.zeros(count, dtype=np.int64)
    for start in range(0, len(numbers), _COUNTED):
        found += np.bincount(numbers[start : start + _COUNTED], minlength=count)
    return found


def _followed(
    buckets: Buckets, kept: NDArray[np.bool_], compare: Compare
) -> tuple[Numbers, NDArray[np.float64], int]:
    """Compare every removed document with all leaders of its buckets that rank before it."""
    leader, similarity = np.arange(len(kept)), np.ones(len(kept))
    if kept.all():
        return leader, similarity, 0
    lead = kept[buckets.member]
    start = np.flatnonzero(np.append(True, buckets.bucket[1:] != buckets.bucket[:-1]))
    place: Numbers = np.cumsum(lead, dtype=buckets.member.dtype) - lead  # leaders before each membership
    before: Numbers = place - np.repeat(place[start], np.diff(np.append(start, len(lead))))
    leaders = buckets.member[lead]
    ones, others = [], []
    for back in range(LEADERS_OF_A_BUCKET):
        of = np.flatnonzero(~lead & (before > back))
        ones.append(leaders[place[of] - before[of] + back])
        others.append(buckets.member[of])
    one, other = _distinct(np.concatenate(ones), np.concatenate(others), len(kept))
    share = compare(one, other)
    best = np.lexsort((-one, share, other))
    one, other, share = one[best], other[best], share[best]
    last = np.append(other[1:] != other[:-1], True)[: len(other)]
    leader[other[last]], similarity[other[last]] = one[last], share[last]
    return leader, similarity, len(one)


def _distinct(one: Numbers, other: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return distinct pairs, ascending."""
    codes = one * np.int64(count) + other
    codes = codes[: squeeze(codes)]
    return codes // max(count, 1), codes % max(count, 1)
