"""Where points come from: blobs, tables with classes, embedded snippets, a user's texts or table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.data import read_documents, read_snippets
from qwatt.data.class_tables import CLASS_TABLES, read_class_table
from qwatt.data.documents import split_source
from qwatt.data.labels import label_names
from qwatt.data.table import read_either, read_table
from qwatt.language.embedding import Embedding
from qwatt.language.table_rows import deviations
from qwatt.quantum.algorithms.lloyd import Labels
from qwatt.stages.curation.cluster.blobs import BLOBS, COUNT, blobs
from qwatt.stages.curation.cluster.grid import GRID, weekly_curves
from qwatt.stages.curation.cluster.problem import TASK, ClusterProblem, Scale

DOMAINS = ("vader", "tweets", "amazon", "nyt")
"""Snippets of films, short messages, products and newspapers; "snippets" mixes all four, their truth."""
CLUSTERS = 8
"""How many clusters are looked for where nobody says and the source has no labels."""
FEWEST = 8
_POOL_SEED = 2_112
"""Every seed draws from one pool of texts, so that most embeddings are computed once."""
_POOL_SHARE = 1.25


@dataclass(frozen=True)
class Source:
    """Everything that a source has, before a rung's sample of it.

    Args:
        ids: names.
        texts: or empty for a table.
        values: of a table, shape (rows, columns), or None for texts.
        columns: names of a table's columns whose scales are made equal; empty leaves values as they are.
        labels: class of each, or None.
        classes: the classes' names.
        rows: the user's rows.
        clusters: how many to look for, where that is not the number of classes.
    """

    ids: Sequence[str]
    texts: Sequence[str] = ()
    values: NDArray[np.float64] | None = None
    columns: tuple[str, ...] = ()
    labels: Labels | None = None
    classes: tuple[str, ...] = ()
    rows: Sequence[Mapping[str, Any]] = ()
    clusters: int = CLUSTERS


def load_problem(source: str, size: str, most: int | None, encoder: str, seed: int) -> ClusterProblem:
    """Return at most so many points of a source, drawn without replacement.

    Args:
        source: "snippets", "vader", "tweets", "amazon", "nyt", "builtin:blobs", "builtin:blobs:SPREAD",
            one of `CLASS_TABLES`, "simbench", or a path to texts or to a table.
        size: name of the rung.
        most: points, or None for all.
        encoder: of texts.
        seed: of the draw.

    Raises:
        QwattError: nothing there, too few points, or all of them the same.
    """
    found = read_source(source, most, seed)
    if len(found.ids) < FEWEST:
        what = f"{len(found.ids)} points are too few to cluster"
        raise QwattError(what, where=source, mend=f"give at least {FEWEST}")
    pool = np.random.default_rng(_POOL_SEED).permutation(len(found.ids))
    if most is not None:
        pool = np.random.default_rng([seed, 1]).permutation(pool[: round(_POOL_SHARE * most)])[:most]
    chosen = np.sort(pool)
    truth = None if found.labels is None else found.labels[chosen]
    table, scale = (None, Scale()) if found.values is None else _scaled(found, chosen)
    texts = [found.texts[i] for i in chosen] if found.texts else None
    problem = ClusterProblem(
        TASK,
        source,
        size,
        seed,
        tuple(found.ids[i] for i in chosen),
        len(np.unique(truth)) if truth is not None else min(found.clusters, len(chosen) // 2),
        None if texts is None else Embedding(encoder, texts),
        table,
        scale,
        truth,
        found.classes,
        tuple(found.rows[i] for i in chosen) if found.rows else (),
    )
    if problem.distinct < 2:
        raise QwattError("all points are the same", where=source, mend="give points that differ")
    return problem


def read_source(source: str, most: int | None, seed: int) -> Source:
    """Return what a source holds.

    Raises:
        QwattError: no such file or data set, or it cannot be read.
    """
    if source == BLOBS or source.startswith(f"{BLOBS}:"):
        values, labels = blobs(source, most or 4_000, seed)
        names = [f"blobs:{i}" for i in range(len(values))]
        return Source(names, values=values, labels=labels, classes=tuple(map(str, range(COUNT))))
    if source == GRID:
        names, curves = weekly_curves()
        return Source(names, values=curves, clusters=COUNT)
    if source in CLASS_TABLES:
        return _class_table(source)
    if source in DOMAINS or source == "snippets":
        return _snippets(DOMAINS if source == "snippets" else (source,))
    if not split_source(source)[0].exists():
        known = ", ".join(("snippets", *DOMAINS, *CLASS_TABLES, GRID, BLOBS))
        mend = f"give texts or a table, or one of {known}"
        raise QwattError(f"no such file or data set: {source!r}", mend=mend)
    return read_either(source, _table, _documents)


def _snippets(names: Sequence[str]) -> Source:
    """Return snippets; of several domains as many of each, and their domain is the truth."""
    read = {name: read_snippets(name) for name in names}
    each = min(map(len, read.values()))
    rng = np.random.default_rng(_POOL_SEED)
    found = [
        (name, snippets[i])
        for name, snippets in read.items()
        for i in (rng.permutation(len(snippets))[:each] if len(names) > 1 else range(len(snippets)))
    ]
    texts, ids = [snippet.text for _, snippet in found], [f"{name}:{snippet.id}" for name, snippet in found]
    if len(names) == 1:
        return Source(ids, texts, clusters=COUNT)
    labels = np.array([names.index(name) for name, _ in found], dtype=np.int64)
    return Source(ids, texts, labels=labels, classes=tuple(names))


def _class_table(name: str) -> Source:
    found = read_class_table(name)
    columns = () if name == "digits" else found.columns  # pixels have one unit
    return Source(found.ids, values=found.values, columns=columns, labels=found.labels, classes=found.classes)


def _documents(source: str) -> Source:
    documents = read_documents(source)
    labels, classes = _truth(documents.labels, documents.places, source, documents.report)
    return Source(documents.ids, documents.texts, labels=labels, classes=classes, rows=documents.rows)


def _table(source: str) -> Source:
    table = read_table(source)
    labels, classes = _truth(table.labels, table.places, source, table.report)
    columns = () if table.is_vectors else table.columns
    return Source(
        table.ids, values=table.values, columns=columns, labels=labels, classes=classes, rows=table.rows
    )


def _truth(
    raw: Sequence[Any], places: Sequence[str], source: str, report: Any
) -> tuple[Labels | None, tuple[str, ...]]:
    """Return classes where every point has one of two or more; else nothing, and say so."""
    if all(label is None for label in raw):
        return None, ()
    names, numbers, _ = label_names(raw, places, source)
    missing = sum(number is None for number in numbers)
    if missing or not 2 <= len(names) <= len(raw) // 2:
        what = f"{missing} rows have none" if missing else f"{len(names)} labels of {len(raw)} rows"
        report.note(f"the labels are no truth to score by: {what}")
        return None, ()
    return np.array(numbers, dtype=np.int64), tuple(names)


def _scaled(found: Source, chosen: NDArray[np.int64]) -> tuple[NDArray[np.float64], Scale]:
    """Return the chosen rows with mean 0 and variance 1 in every column, or as they are."""
    assert found.values is not None
    values = found.values[chosen]
    if not found.columns:
        return values, Scale()
    scale = Scale(found.columns, tuple(values.mean(axis=0).tolist()), tuple(deviations(values).tolist()))
    return scale.apply(values), scale
