"""From a source to a problem: a sample of its rows in three parts, every class in each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.language.embedding import Embedding
from qwatt.stages.training.weights.problem import TASK, Part, WeightsProblem
from qwatt.stages.training.weights.sources import HIDDEN, NETWORKS, Source, read_source

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
            `features` of texts, and their `encoder`.
        seed: of the split.

    Raises:
        QwattError: the source cannot be read, or a class has too few rows.
    """
    found = read_source(source)
    _check(found, source)
    rng = np.random.default_rng([seed, 4])
    rows = _sample(found, rung["rows"], rng)
    drawn = _parts(found, rows, float(rung["validation"]), rng)
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
    counts = np.bincount(found.labels, minlength=len(found.classes))
    if counts.min() < FEWEST:
        rare = int(counts.argmin())
        raise QwattError(
            f"{counts[rare]} rows of the label {found.classes[rare]!r}; {FEWEST} are needed",
            where=source,
            mend="give more rows of it, or leave them out",
        )


def _sample(found: Source, most: int | None, rng: np.random.Generator) -> list[Rows]:
    """Return the chosen rows of each class, shuffled."""
    every = [rng.permutation(np.flatnonzero(found.labels == c)) for c in range(len(found.classes))]
    total = sum(map(len, every))
    if most is None or total <= most:
        return every
    return [rows[: max(FEWEST, round(len(rows) * most / total))] for rows in every]


def _parts(
    found: Source, rows: list[Rows], validation: float, rng: np.random.Generator
) -> tuple[Rows, Rows, Rows]:
    """Return the training, validation and test rows, each class in its share, shuffled."""
    parts: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
    for own in rows:
        test = max(1, round(TEST_SHARE * len(own)))
        start = test + (max(1, round(validation * len(own))) if validation else 0)
        for part, some in zip(parts, (own[start:], own[test:start], own[:test]), strict=True):
            part.append(some)
    train, chosen, held = (rng.permutation(np.concatenate(part)) for part in parts)
    return train, chosen, held
