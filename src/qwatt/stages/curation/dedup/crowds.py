"""Crowds: buckets of so many documents, such as the pages of one template, that their pairs are not listed.

A crowd is compared with hubs: its worthiest document is kept and everything that it resembles follows it.
This is the first step of peeling a graph, done before the graph is built.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qwatt.core.progress import told
from qwatt.stages.curation.dedup.lsh import least_agreement
from qwatt.stages.curation.dedup.overlaps import Overlaps

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
    overlaps: Overlaps,
    digests: NDArray[np.uint32],
    homes: NDArray[np.int32],
    worth: NDArray[np.float64],
    threshold: float,
) -> Crowds:
    """Collapse the crowds; hubs, followers and given-up buckets are taken out of `homes` in place.

    Args:
        overlaps: of the documents.
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
            near = _neighbours(hub, mates.around(hub), overlaps, digests, threshold, bound)
            if near:
                found.hubs.add(hub)
                found.followers |= {i: (hub, similarity) for i, similarity in near.items()}
            mates.leave([hub, *near])  # a hub without neighbours has no edges either
        else:
            if len(mates.of(number)) > CROWD:
                mates.close(number)
                found.capped += 1
    return found


class _Mates:
    """Who shares a bucket, as `homes` stands now."""

    def __init__(self, homes: NDArray[np.int32]) -> None:
        self.homes = homes
        flat = homes.ravel()
        members = np.flatnonzero(flat >= 0)
        order = members[np.argsort(flat[members], kind="stable")]
        self._documents = order // max(1, homes.shape[1])
        self._present = np.ones(len(homes), dtype=bool)
        self._closed: set[int] = set()
        numbers, starts, counts = np.unique(flat[order], return_index=True, return_counts=True)
        self._slices = {
            number: slice(start, start + count)
            for number, start, count in zip(numbers.tolist(), starts.tolist(), counts.tolist(), strict=True)
        }

    def crowds(self) -> list[int]:
        """Return the numbers of crowded buckets, the largest first."""
        sizes = {number: place.stop - place.start for number, place in self._slices.items()}
        return sorted((n for n, size in sizes.items() if size > CROWD), key=lambda n: -sizes[n])

    def of(self, number: int) -> NDArray[np.int64]:
        """Return the documents that are still in a bucket, ascending."""
        if number in self._closed:
            return np.zeros(0, np.int64)
        documents: NDArray[np.int64] = self._documents[self._slices[number]]
        return documents[self._present[documents]]

    def around(self, document: int) -> NDArray[np.int64]:
        """Return the other documents that share a bucket with one, ascending."""
        near = np.zeros(len(self.homes), dtype=bool)
        for number in self.homes[document].tolist():
            if number >= 0:
                near[self.of(number)] = True
        near[document] = False
        return np.flatnonzero(near)

    def leave(self, documents: list[int]) -> None:
        """Take documents out of all their buckets."""
        self.homes[documents] = -1
        self._present[documents] = False

    def close(self, number: int) -> None:
        """Take everyone out of a bucket."""
        members = self.homes[self._documents[self._slices[number]]]
        members[members == number] = -1
        self.homes[self._documents[self._slices[number]]] = members
        self._closed.add(number)


def _neighbours(
    hub: int,
    others: NDArray[np.int64],
    overlaps: Overlaps,
    digests: NDArray[np.uint32],
    threshold: float,
    bound: float,
) -> dict[int, float]:
    """Return the documents that resemble the hub, with their exact similarity."""
    likely = others[(digests[others] == digests[hub]).mean(axis=1) >= bound].tolist()
    shares = overlaps.jaccard(hub, likely).tolist()
    return {i: share for i, share in zip(likely, shares, strict=True) if share >= threshold}
