"""Plants near duplicates of known kinds into a corpus: the truth of the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.noise import KINDS
from qwatt.stages.curation.dedup.problem import PLANTED, TASK, DedupProblem
from qwatt.stages.curation.dedup.text import normalise, words
from qwatt.stages.curation.dedup.vocabulary import vocabularies

_CHAIN = 0.3
"""Share of duplicates that are made from an earlier duplicate instead of from the original."""

_PLANTED_WORTH = 1e-4
"""What a document planted into a user's corpus is worth beside a real one of as many words."""

LONGEST_PARENT = 100_000
"""Characters of the longest document that copies are made of, where there are shorter ones."""

_WORDS_FROM = 2_000
"""Characters of each document that lend words to edits."""
_MOST_LENDING = 20_000
"""Documents that do, evenly spaced."""


@dataclass
class Growing:
    """A corpus while it is put together: lists in step, as in `DedupProblem`."""

    texts: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    clusters: list[int] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    rows: list[Mapping[str, Any] | None] = field(default_factory=list)

    def add(
        self,
        text: str,
        name: str,
        made: tuple[str, int] | None = None,
        row: Mapping[str, Any] | None = None,
    ) -> None:
        """Append a document; one that was `made` (how, from which) joins that one's cluster."""
        kind, parent = made or ("original", -1)
        self.clusters.append(len(self.texts) if made is None else self.clusters[parent])
        self.texts.append(text)
        self.ids.append(name)
        self.kinds.append(kind)
        self.parents.append(parent)
        self.rows.append(row)

    def add_user(self, text: str, name: str, row: Mapping[str, Any] | None, known: dict[str, int]) -> None:
        """Append a user's document; it is a true duplicate of an earlier one with the same words."""
        same = normalise(text)
        parent = known.setdefault(same, len(self.texts))
        self.add(text, name, None if parent == len(self.texts) else ("own", parent), row)


def plant(
    corpus: Growing, share: float, rng: np.random.Generator, among: Sequence[int] | None = None
) -> None:
    """Add near duplicates, as a share of the documents so far, kinds in turn, some of them chained.

    Args:
        corpus: grows.
        share: duplicates per document.
        rng: chooses documents, strengths and chains.
        among: the documents to copy; None for all.
    """
    every = range(len(corpus.texts)) if among is None else among
    originals = [i for i in every if len(corpus.texts[i]) <= LONGEST_PARENT] or every
    some = corpus.texts[:: -(-len(corpus.texts) // _MOST_LENDING) or 1]
    lent = [word for text in some for word in words(text[:_WORDS_FROM])] or ["?"]
    families: dict[int, list[int]] = {}
    kinds = list(KINDS)
    for number in range(max(len(kinds), round(len(originals) * share))):
        original = originals[int(rng.integers(len(originals)))]
        family = families.setdefault(original, [])
        chained = bool(family) and rng.random() < _CHAIN
        parent = family[int(rng.integers(len(family)))] if chained else original
        kind, text = _noisy(corpus.texts[parent], kinds[number % len(kinds) :] + kinds, lent, rng)
        family.append(len(corpus.texts))
        corpus.add(text, f"planted-{number}-{kind}", (kind, parent))


def _noisy(text: str, kinds: list[str], lent: list[str], rng: np.random.Generator) -> tuple[str, str]:
    """Return the first kind that makes another text of this one, and that text; else an exact copy.

    Letter case is nothing to change in most scripts, and a single sentence has no order.
    """
    for kind in kinds:
        made = KINDS[kind](text, lent, rng)
        if made.strip() and (kind == "exact" or made != text):
            return kind, made
    return "exact", text


def build_problem(
    corpus: Growing,
    identity: tuple[str, str, int],
    judged: bool,
    encoder: str,
    common: NDArray[np.uint64] | None = None,
) -> DedupProblem:
    """Shuffle the documents, split the clusters in two halves, and freeze; identity: source, size, seed."""
    source, size, seed = identity
    rng = np.random.default_rng([seed, 2])
    order = rng.permutation(len(corpus.texts))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    old_clusters = np.array(corpus.clusters, dtype=np.int64)[order]
    _, clusters = np.unique(old_clusters, return_inverse=True)
    tuning = rng.random(len(old_clusters) + 1) < 0.5
    texts = tuple(corpus.texts[i] for i in order)
    kinds = tuple(corpus.kinds[i] for i in order)
    worth = np.maximum(1.0, vocabularies(texts).sizes)
    if not judged:
        worth[[kind in PLANTED for kind in kinds]] *= _PLANTED_WORTH
    return DedupProblem(
        task=TASK,
        source=source,
        size=size,
        seed=seed,
        texts=texts,
        ids=tuple(corpus.ids[i] for i in order),
        clusters=clusters.astype(np.int64),
        kinds=kinds,
        parents=np.array([place[p] if (p := corpus.parents[i]) >= 0 else -1 for i in order], dtype=np.int64),
        validation=tuning[clusters],
        judged=judged,
        encoder=encoder,
        rows=tuple(corpus.rows[i] for i in order),
        positions=order.astype(np.int64),
        weights=worth,
        common=np.zeros(0, np.uint64) if common is None else common,
    )
