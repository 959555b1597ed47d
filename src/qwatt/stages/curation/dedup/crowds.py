"""Crowds: buckets of so many documents, such as the pages of one template, that their pairs are not listed.

A crowd is compared with hubs: its worthiest document is kept and everything that it resembles follows it.
This is the first step of peeling a graph, done before the graph is built.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.lsh import least_agreement
from qwatt.stages.curation.dedup.shingles import Shingles, jaccard_to_many

CROWD = 50
"""Largest bucket of which every pair is compared."""

HUBS_OF_A_BUCKET = 16
"""Documents of a crowd that are tried as hubs; then the rest of the bucket goes without pairs: counted."""


@dataclass
class Crowds:
    """What was collapsed.

    Args:
        followers: document to its hub and their similarity.
        hubs: documents that are kept, without any edge.
        capped: buckets that were given up.
    """

    followers: dict[int, tuple[int, float]] = field(default_factory=dict)
    hubs: set[int] = field(default_factory=set)
    capped: int = 0


def collapse(
    shingles: Sequence[Shingles],
    digests: NDArray[np.uint32],
    homes: NDArray[np.int64],
    worth: NDArray[np.float64],
    threshold: float,
) -> Crowds:
    """Collapse the crowds; hubs, followers and given-up buckets are taken out of `homes` in place.

    Args:
        shingles: sets of the documents.
        digests: their signatures, shape (documents, hashes).
        homes: their bucket in every band, -1 for none; shape (documents, bands).
        worth: the worthiest document of a crowd is tried as a hub first; shape (documents,).
        threshold: least Jaccard similarity of a follower to its hub.
    """
    found = Crowds()
    bound = least_agreement(threshold, digests.shape[1])
    mates = _Mates(homes)
    for number in told(mates.crowds(), "crowded groups compared", every=1):
        for _ in range(HUBS_OF_A_BUCKET):
            crowd = mates.of(number)
            if len(crowd) <= CROWD:
                break
            hub = int(crowd[np.argmax(worth[crowd])])
            near = _neighbours(hub, mates.around(hub), shingles, digests, threshold, bound)
            if near:
                found.hubs.add(hub)
                found.followers |= {i: (hub, similarity) for i, similarity in near.items()}
            homes[[hub, *near]] = -1  # a hub without neighbours has no edges either
        else:
            if len(mates.of(number)) > CROWD:
                homes[homes == number] = -1
                found.capped += 1
    return found


class _Mates:
    """Who shares a bucket, as `homes` stands now."""

    def __init__(self, homes: NDArray[np.int64]) -> None:
        self.homes = homes
        flat = homes.ravel()
        order = np.argsort(flat, kind="stable")
        self._documents = order // max(1, homes.shape[1])
        self._numbers = flat[order]

    def crowds(self) -> list[int]:
        """Return the numbers of crowded buckets, the largest first."""
        numbers, counts = np.unique(self._numbers, return_counts=True)
        crowded = (counts > CROWD) & (numbers >= 0)
        order = np.argsort(-counts[crowded], kind="stable")
        return [int(number) for number in numbers[crowded][order]]

    def of(self, number: int) -> NDArray[np.int64]:
        """Return the documents that are still in a bucket, ascending."""
        start, end = np.searchsorted(self._numbers, [number, number + 1])
        documents = self._documents[start:end]
        still: NDArray[np.int64] = documents[(self.homes[documents] == number).any(axis=1)]
        return still

    def around(self, document: int) -> NDArray[np.int64]:
        """Return the other documents that share a bucket with one, ascending."""
        row = self.homes[document]
        everyone = np.unique(np.concatenate([self.of(int(number)) for number in row[row >= 0]]))
        others: NDArray[np.int64] = everyone[everyone != document]
        return others


def _neighbours(
    hub: int,
    others: NDArray[np.int64],
    shingles: Sequence[Shingles],
    digests: NDArray[np.uint32],
    threshold: float,
    bound: float,
) -> dict[int, float]:
    """Return the documents that resemble the hub, with their exact similarity."""
    likely = others[(digests[others] == digests[hub]).mean(axis=1) >= bound].tolist()
    shares = jaccard_to_many(shingles[hub], [shingles[i] for i in likely]).tolist()
    return {i: share for i, share in zip(likely, shares, strict=True) if share >= threshold}
