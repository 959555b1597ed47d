"""Stars of near duplicates: the worthiest document of a neighbourhood leads, its direct neighbours follow.

Documents are visited by falling worth. One that is verified to be similar to a leader follows it; any other
leads. The leaders are an independent dominating set of the graph of near duplicates: no document is removed
for another that it does not resemble itself, whatever chains lead there. The work grows with the number of
documents, not of pairs: each is compared with the leaders of its buckets alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.lsh import LEADERS_OF_A_BUCKET, buckets, least_agreement, signatures
from qwatt.stages.curation.dedup.overlaps import Overlaps
from qwatt.stages.curation.dedup.shingles import Shingles


@dataclass(frozen=True)
class Stars:
    """Leaders and followers.

    Args:
        leader: for every document the one that stands for it, itself for leaders; shape (documents,).
        similarity: verified similarity to the leader, 1 for leaders; shape (documents,).
        verified: pairs whose similarity was counted exactly.
        capped: buckets that had reached `LEADERS_OF_A_BUCKET`.
    """

    leader: NDArray[np.int64]
    similarity: NDArray[np.float64]
    verified: int = 0
    capped: int = 0


@dataclass
class _Open:
    """The leaders of every bucket so far."""

    members: dict[int, list[int]] = field(default_factory=dict)
    full: set[int] = field(default_factory=set)

    def of(self, numbers: list[int]) -> list[int]:
        """Return the leaders of these buckets, each once, the worthiest first."""
        return list(dict.fromkeys(i for number in numbers for i in self.members.get(number, ())))

    def add(self, numbers: list[int], document: int) -> None:
        """Enter a leader into its buckets that are not full."""
        for number in numbers:
            leaders = self.members.setdefault(number, [])
            if len(leaders) < LEADERS_OF_A_BUCKET:
                leaders.append(document)
            else:
                self.full.add(number)


def stars(shingles: Sequence[Shingles], worth: NDArray[np.float64], threshold: float, seed: int) -> Stars:
    """Return the stars of documents of at least this Jaccard similarity.

    Args:
        shingles: sets of the documents.
        worth: the worthiest lead; of equals the first. Shape (documents,).
        threshold: least Jaccard similarity of a follower to its leader, verified exactly.
        seed: seed of the signatures.
    """
    leader = np.arange(len(shingles), dtype=np.int64)
    similarity = np.ones(len(shingles))
    if not len(shingles):
        return Stars(leader, similarity)
    digests = signatures(shingles, seed)
    homes = buckets(digests, threshold)
    bound = least_agreement(threshold)
    overlaps = Overlaps(shingles)
    found, verified = _Open(), 0
    order = np.argsort(-worth, kind="stable")
    order = order[(homes[order] >= 0).any(axis=1)]  # who shares no bucket leads itself alone
    for i in told(order.tolist(), "documents compared"):
        numbers = homes[i][homes[i] >= 0].tolist()
        likely = _likely(digests, i, found.of(numbers), bound)
        shares = overlaps.jaccard(i, likely)
        verified += len(likely)
        if len(likely) and shares.max() >= threshold:
            best = int(shares.argmax())
            leader[i], similarity[i] = likely[best], shares[best]
        else:
            found.add(numbers, i)
    return Stars(leader, similarity, verified, len(found.full))


def _likely(digests: NDArray[np.uint32], i: int, others: list[int], bound: float) -> list[int]:
    """Leave out the documents whose signatures agree too little with that of `i`."""
    if not others:
        return others
    agreement = (digests[others] == digests[i]).mean(axis=1)
    return [j for j, share in zip(others, agreement.tolist(), strict=True) if share >= bound]
