"""Exact Jaccard similarities of one document to many, however often they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.shingles import Shingles, ShingleSets, jaccard_to_many

_INDEX_COST = 4
"""Shingles that can be looked up in the time that numbering one takes."""


class Overlaps:
    """Looks shingles up; once that was as much work as numbering all of them, numbers those that are shared.

    Args:
        shingles: sets of the documents.
    """

    def __init__(self, shingles: Sequence[Shingles]) -> None:
        self._sets = ShingleSets.of(shingles)
        self._looked_up = 0

    def __len__(self) -> int:
        return len(self._sets)

    def jaccard(self, one: int, others: Sequence[int]) -> NDArray[np.float64]:
        """Return the similarity of a document to each of several others, shape (others,)."""
        if not len(others):
            return np.zeros(0)
        if self._looked_up <= _INDEX_COST * len(self._sets.values):
            found = [self._sets[i] for i in others]
            self._looked_up += sum(map(len, found))
            return jaccard_to_many(self._sets[one], found)
        common = self._index.common(one, others)
        sizes = self._sizes
        shares: NDArray[np.float64] = common / (sizes[one] + sizes[others] - common)
        return shares

    @cached_property
    def _index(self) -> _Index:
        return _Index(self._sets)

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return self._sets.sizes


class _Index:
    """Numbers of the shingles that several documents have: one that has them marks them, others look."""

    def __init__(self, sets: ShingleSets) -> None:
        order = np.argsort(sets.values)
        ranked = sets.values[order]
        new = np.ones(len(ranked), dtype=bool)
        np.not_equal(ranked[1:], ranked[:-1], out=new[1:])
        alone = new.copy()
        alone[:-1] &= new[1:]
        number = np.cumsum(new & ~alone) - 1
        shared = np.empty(len(ranked), dtype=bool)
        shared[order] = ~alone
        numbers = np.empty(len(ranked), dtype=np.intp)
        numbers[order] = number
        self._numbers = numbers[shared]
        self._offsets = np.append(0, np.cumsum(shared))[sets.offsets].tolist()
        self._marked = np.zeros(int(number[-1]) + 1, dtype=bool)

    def common(self, one: int, others: Sequence[int]) -> NDArray[np.int64]:
        """Return the number of common shingles, shape (others,)."""
        offsets, numbers = self._offsets, self._numbers
        own = numbers[offsets[one] : offsets[one + 1]]
        self._marked[own] = True
        counts = [np.count_nonzero(self._marked.take(numbers[offsets[i] : offsets[i + 1]])) for i in others]
        self._marked[own] = False
        return np.array(counts, dtype=np.int64)
