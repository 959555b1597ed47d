"""Splits sentences by a hash of their text, into those to train on, to choose settings by, and to test."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.headline import counted
from qwatt.stages.tuning.head.sources import Labelled

TRAIN_SHARE = 0.85
"""Of the fitting sentences; the others choose the settings."""
FITTING_SHARE = 0.8
"""Of a label's sentences that `full` fits on at most, so that some are left to test."""
FEWEST = 5
"""Sentences of a label that are enough for `full`: 3 to train, 1 to validate, 1 to test."""


class HeadSize(NamedTuple):
    """How much of the data a size uses.

    Args:
        size: its name.
        per_class: fitting sentences of each label.
        pool_per_class: sentences in use for each label, on average; None for all.
        adapts: whether fewer fitting sentences will do.
    """

    size: str
    per_class: int
    pool_per_class: int | None
    adapts: bool


def split_sentences(found: Labelled, size: HeadSize, seed: int) -> tuple[list[int], list[int], list[int]]:
    """Return indices of training, validation and test sentences, and tell the user what was decided.

    Raises:
        QwattError: a label has too few sentences, or none is left to test.
    """
    pool = None if size.pool_per_class is None else size.pool_per_class * len(found.classes)
    distinct = distinct_texts(found.texts)
    _tell_repeats(found, distinct)
    used, every = (
        np.bincount([found.labels[i] for i in part], minlength=len(found.classes))
        for part in (distinct[:pool], distinct)
    )
    per_class = _fitting_sizes(found, size, used.tolist(), every.tolist())
    return split_by_hash(found.texts, found.labels, per_class, seed, pool)


def split_by_hash(
    texts: Sequence[str], labels: Sequence[int], per_class: Sequence[int], seed: int, pool: int | None = None
) -> tuple[list[int], list[int], list[int]]:
    """Return indices of training, validation and test sentences.

    Sentences are ordered by a hash of seed and text, so that the split depends on nothing else; repeats of
    a text are dropped. The first of each class are for fitting, 85 % of them to train and 15 % to validate;
    the rest is for testing.

    Args:
        texts: sentences.
        labels: number of each sentence's class.
        per_class: fitting sentences of each class.
        seed: seed of the split.
        pool: use only so many sentences, the same for every seed, so that an encoder need not see all.
    """
    order = sorted(distinct_texts(texts, pool), key=lambda i: _hash(str(seed), texts[i]))
    training, validation = [], []
    for label, count in enumerate(per_class):
        indices = [i for i in order if labels[i] == label][:count]
        cut = round(TRAIN_SHARE * len(indices))
        training += indices[:cut]
        validation += indices[cut:]
    used = {*training, *validation}
    return training, validation, [i for i in order if i not in used]


def distinct_texts(texts: Sequence[str], pool: int | None = None) -> list[int]:
    """Return the index of each different text; the first `pool`, in an order that every seed shares."""
    first: dict[str, int] = {}
    for index, text in enumerate(texts):
        first.setdefault(text, index)
    return sorted(first.values(), key=lambda i: _hash("pool", texts[i]))[:pool]


def _tell_repeats(found: Labelled, distinct: list[int]) -> None:
    """Tell how many sentences were left out because they repeat another, and how many with another label."""
    if len(distinct) == len(found.texts):
        return
    label = {found.texts[i]: found.labels[i] for i in distinct}
    other = sum(label[text] != own for text, own in zip(found.texts, found.labels, strict=True))
    disagreeing = f", {other:,} of them with another label" if other else ""
    repeats = len(found.texts) - len(distinct)
    which = f"{found.noun} that repeats" if repeats == 1 else f"{found.noun}s that repeat"
    verb = "was" if repeats == 1 else "were"
    found.note(f"{repeats:,} {which} another {verb} left out{disagreeing}")


def _fitting_sizes(found: Labelled, size: HeadSize, used: list[int], every: list[int]) -> list[int]:
    """Return how many sentences of each class fit heads.

    Raises:
        QwattError: too few; with the user's own names and counts, and what is possible with them.
    """
    classes = range(len(found.classes))
    if size.adapts:
        return _adapted_sizes(found, size, every)
    needed, in_use, total = size.per_class, sum(used), sum(every)
    rare = min(classes, key=lambda c: used[c])
    if used[rare] < needed:
        among = f" among the {in_use:,} of {total:,} that size {size.size} uses" if in_use < total else ""
        raise QwattError(
            f"the label {found.classes[rare]!r} has {counted(used[rare], f'different {found.noun}')}{among}; "
            f"{needed} are needed for fitting",
            mend=_way_out(found.noun, every, rare, in_use),
        )
    if in_use == needed * len(classes):
        raise QwattError(
            f"no {found.noun} is left to test: all {in_use:,} are needed for fitting",
            mend=f"give more {found.noun}s, or use --size full, which fits on {FITTING_SHARE:.0%} of them",
        )
    return [needed for _ in classes]


def _way_out(noun: str, every: list[int], rare: int, in_use: int) -> str:
    """Return what the user of a size that needs more sentences of a label can do."""
    if min(every) < FEWEST:
        return f"give at least {FEWEST} different {noun}s of every label, and use --size full"
    if in_use < (total := sum(every)):
        return f"use all {total:,} {noun}s by --size full, where it has {every[rare]:,}"
    return f"give more {noun}s of it, or use --size full, which fits on fewer"


def _adapted_sizes(found: Labelled, size: HeadSize, every: list[int]) -> list[int]:
    few = [c for c in range(len(found.classes)) if every[c] < FEWEST]
    if few:
        names = ", ".join(f"{found.classes[c]!r} ({every[c]})" for c in few[:5])
        more = f" and {len(few) - 5:,} more" if len(few) > 5 else ""
        enough = len(found.classes) - len(few)
        raise QwattError(
            f"labels with fewer than {FEWEST} different {found.noun}s: {names}{more}; "
            "3 are needed to train, 1 to choose settings and 1 to test",
            mend=f"give more {found.noun}s of them" + (", or leave their rows out" if enough >= 2 else ""),
        )
    sizes = [min(size.per_class, int(FITTING_SHARE * every[c])) for c in range(len(found.classes))]
    adapted = [
        f"{found.classes[c]} {sizes[c]} of {every[c]}" for c in range(len(sizes)) if sizes[c] < size.per_class
    ]
    if adapted:
        more = f" and {len(adapted) - 5:,} more labels" if len(adapted) > 5 else ""
        found.note(
            f"fewer than {size.per_class} {found.noun}s of a label to fit on, "
            "so that a fifth is left to test: " + ", ".join(adapted[:5]) + more
        )
    return sizes


def _hash(salt: str, text: str) -> bytes:
    return hashlib.sha256(f"{salt}\n{text}".encode()).digest()
