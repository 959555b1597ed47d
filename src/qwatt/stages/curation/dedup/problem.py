"""What a deduplication method gets, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Problem
from qwatt.stages.curation.dedup.vocabulary import vocabularies

TASK = "curation/dedup"

PLANTED = ("exact", "case", "ocr", "edit", "truncate", "reorder")
"""How planted duplicates are made; `qwatt.stages.curation.dedup.noise` has one function for each."""

DIFFERENT = 0.5
"""Two documents of a user's corpus that share less of their runs of three words, boilerplate left out, are
no duplicates."""


@dataclass(frozen=True)
class Removal:
    """Why a document was dropped.

    Args:
        kept: index of the kept document that stands for it.
        similarity: their similarity in the method's own measure, or None when they were not compared.
        reason: the rule that removed it.
    """

    kept: int
    similarity: float | None
    reason: str


@dataclass(frozen=True)
class DedupAnswer:
    """A keep-set and why the rest was dropped.

    Args:
        keep: indices of kept documents, ascending.
        dropped: every other index, with its removal.
        pairs: predicted duplicate pairs (i < j) with their similarity.
    """

    keep: NDArray[np.int64]
    dropped: Mapping[int, Removal]
    pairs: Mapping[tuple[int, int], float]


@dataclass(frozen=True, eq=False)
class DedupProblem(Problem):
    """A corpus with planted duplicates.

    Args:
        texts: the documents, N of them.
        ids: name of each document.
        clusters: true duplicates share a number, shape (N,).
        kinds: "original", or how the duplicate was made.
        parents: index of the document it was made from, -1 for originals; shape (N,).
        validation: whether the document's cluster belongs to the tuning split, shape (N,).
        judged: whether originals are known to be no duplicates of each other; not so in a user's corpus.
        encoder: name of the sentence encoder that methods use.
        rows: the user's own row of every document, or None.
        positions: place of every document in the source, planted ones after all others; shape (N,).
        weights: worth of each document: its number of distinct words, at least 1, and for what was planted
            into a user's corpus less, so that it stands for nothing of theirs; shape (N,).
        common: runs of three words that are boilerplate of a user's corpus, as ascending hashes.
    """

    texts: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    clusters: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    kinds: tuple[str, ...] = ()
    parents: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    validation: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    judged: bool = True
    encoder: str = "minilm"
    rows: tuple[Mapping[str, Any] | None, ...] = ()
    positions: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    weights: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0, np.float64))
    common: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def vocabularies(self) -> Sequence[NDArray[np.uint64]]:
        """The distinct words of every document, as ascending hashes."""
        return vocabularies(self.texts)

    @cached_property
    def characters(self) -> NDArray[np.int64]:
        """The characters of every document, shape (N,)."""
        return np.fromiter(map(len, self.texts), dtype=np.int64, count=len(self.texts))

    @property
    def planted(self) -> NDArray[np.bool_]:
        """Whether a document was planted, shape (N,)."""
        return np.array([kind in PLANTED for kind in self.kinds], dtype=bool)

    def root(self, i: int) -> int:
        """Return the real document that a planted one was made from in any number of steps, else itself."""
        while self.kinds[i] in PLANTED:
            i = int(self.parents[i])
        return i
