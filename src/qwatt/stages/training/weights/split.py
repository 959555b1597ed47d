"""From a source to a problem: a sample of its rows in three parts, every class in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.core.headline import counted
from qwatt.core.lazy import lazy
from qwatt.data.names import listed
from qwatt.language.embedding import Embedding
from qwatt.stages.training.weights.problem import TASK, Part, WeightsProblem
from qwatt.stages.training.weights.sources import HIDDEN, NETWORKS, Source, read_source

if TYPE_CHECKING:
    from sklearn import model_selection
else:
    model_selection = lazy("sklearn.model_selection")

TEST_SHARE = 0.2
FEWEST = 5
"""Rows of a class: 3 to train, 1 to choose settings and 1 to test."""

Rows = NDArray[np.int64]


def load_problem(source: str, size: str, rung: Mapping[str, Any], seed: int) -> WeightsProblem:
    """Return the rows of a rung, drawn evenly from all classes, and its network.

    Args:
        source: see `read_source`.
        size: name of the rung.
        rung: `rows` (None for all), `hidden` (None for the source's own), `validation` (share of all rows),
            `features` of texts, their `encoder`, and `split` where every seed has one split.
        seed: of the split, where the rung has none.

    Raises:
        QwattError: the source cannot be read, or a class has too few rows.
    """
    found = read_source(source)
    _check(found, source)
    drawn = (
        _drawn(found, rung["rows"], float(rung["validation"]), np.random.default_rng([seed, 4]))
        if rung.get("split") is None
        else _published(found, rung["split"])
    )
    order = np.concatenate(drawn)
    starts = np.cumsum([0, *map(len, drawn)])
    train, validation, test = (
        Part(tuple(found.ids[i] for i in part), found.labels[part], np.arange(start, start + len(part)))
        for part, start in zip(drawn, starts, strict=False)
    )
    embedding = Embedding(rung["encoder"], [found.texts[i] for i in order]) if found.texts else None
    table = None if found.table is None else found.table[order]
    features = (
        len(found.columns)
        if embedding is None
        else min(rung["features"], embedding.dimensions, len(train) - 1)
    )
    hidden = rung["hidden"] or NETWORKS.get(source, HIDDEN)
    return WeightsProblem(
        TASK, source, size, seed, train, validation, test, found.classes,
        hidden, features, found.columns, table, embedding,
    )  # fmt: skip


def _check(found: Source, source: str) -> None:
    """Refuse labels with fewer rows than the three parts take."""
    counts = np.bincount(found.labels, minlength=len(found.classes))
    rare = np.flatnonzero(counts < FEWEST)
    if not len(rare):
        return
    names = listed([f"{found.classes[i]!r} has {counts[i]}" for i in rare], 3)
    what = f"{len(rare):,} of {counted(len(found.classes), 'label')} have fewer than {FEWEST} rows: {names}"
    mend = (
        "give more rows of them, leave them out, or name another field for the label, as in data.csv#,topic"
    )
    raise QwattError(what, where=source, mend=mend)


def _drawn(
    found: Source, most: int | None, validation: float, rng: np.random.Generator
) -> tuple[Rows, Rows, Rows]:
    """Return the training, validation and test rows, each class in its share, shuffled."""
    every = [rng.permutation(np.flatnonzero(found.labels == c)) for c in range(len(found.classes))]
    total = sum(map(len, every))
    if most is not None and total > most:
        every = [rows[: max(FEWEST, round(len(rows) * most / total))] for rows in every]
    parts: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
    for own in every:
        test = max(1, round(TEST_SHARE * len(own)))
        start = test + (max(1, round(validation * len(own))) if validation else 0)
        for part, some in zip(parts, (own[start:], own[test:start], own[:test]), strict=True):
            part.append(some)
    train, chosen, held = (rng.permutation(np.concatenate(part)) for part in parts)
    return train, chosen, held


def _published(found: Source, state: int) -> tuple[Rows, Rows, Rows]:
    """Return scikit-learn's stratified split, without a validation part."""
    rows, none = np.arange(len(found.labels)), np.zeros(0, dtype=np.int64)
    train, test = model_selection.train_test_split(
        rows, test_size=TEST_SHARE, random_state=state, stratify=found.labels
    )
    return train, none, test
