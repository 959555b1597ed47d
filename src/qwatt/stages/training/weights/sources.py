"""Where labelled rows come from: scikit-learn's tables, a user's table, or a user's texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.data import read_documents, read_snippets, weather
from qwatt.data.documents import Documents, split_source
from qwatt.data.labels import label_names
from qwatt.data.names import listed
from qwatt.data.table import Table, read_either, read_table
from qwatt.data.toy_tables import TABLES, read_toy_table
from qwatt.stages.training.weights.network import Labels

SNIPPETS = "vader"
WEATHER = "builtin:weather"
NETWORKS: dict[str, tuple[int, ...]] = {"digits": (64, 32, 16)}
"""Hidden units of a source's own network (the program of arXiv:2504.14568), where they are not `HIDDEN`."""
HIDDEN = (32,)


@dataclass(frozen=True, eq=False)
class Source:
    """Everything that a source has, before a rung's sample of it.

    Args:
        ids: names of the rows.
        labels: class of each.
        classes: the classes' names.
        columns: names of a table's columns.
        table: its numbers, shape (rows, columns), or None for texts.
        texts: empty for a table.
    """

    ids: Sequence[str]
    labels: Labels
    classes: tuple[str, ...]
    columns: tuple[str, ...] = ()
    table: NDArray[np.float64] | None = None
    texts: Sequence[str] = ()


def read_source(source: str) -> Source:
    """Return labelled rows.

    Args:
        source: "wine", "digits", "iris", "breast_cancer", "vader", "builtin:weather", or a file: a table
            with numeric columns and a label, as in "mine.csv#,species", or texts with one.

    Raises:
        QwattError: nothing there, it cannot be read, or it has fewer than two labels.
    """
    if source in TABLES:
        found = read_toy_table(source)
        return Source(found.ids, found.labels, found.classes, found.columns, found.values)
    if source == WEATHER:
        texts, signs = weather.sentences()
        names = [f"weather:{i}" for i in range(len(texts))]
        return Source(names, np.array(signs, dtype=np.int64), ("bad", "good"), texts=texts)
    if source == SNIPPETS:
        return _snippets()
    if not split_source(source)[0].exists():
        known = ", ".join((*TABLES, SNIPPETS, WEATHER))
        mend = f"give a labelled table or labelled texts, or one of {known}"
        raise QwattError(f"no such file or data set: {source!r}", mend=mend)
    return read_either(source, _table, _documents)


def _snippets() -> Source:
    rated = [snippet for snippet in read_snippets(SNIPPETS) if snippet.rating != 0]
    labels = np.array([snippet.rating > 0 for snippet in rated], dtype=np.int64)
    ids = [f"{SNIPPETS}:{snippet.id}" for snippet in rated]
    return Source(ids, labels, ("negative", "positive"), texts=[snippet.text for snippet in rated])


def _table(source: str) -> Source:
    table = read_table(source)
    kept, labels, classes = _labelled(table, source)
    ids = [table.ids[i] for i in kept]
    return Source(ids, labels, classes, tuple(table.columns), table.values[kept])


def _documents(source: str) -> Source:
    documents = read_documents(source)
    kept, labels, classes = _labelled(documents, source)
    ids, texts = [documents.ids[i] for i in kept], [documents.texts[i] for i in kept]
    return Source(ids, labels, classes, texts=texts)


def _labelled(read: Table | Documents, source: str) -> tuple[list[int], Labels, tuple[str, ...]]:
    """Return the rows that have a label, their classes, and the classes' names; tell the user of the rest."""
    report = read.report
    names, numbers, found = label_names(read.labels, read.places, source)
    for reason, count in found.skipped.items():
        for _ in range(count):
            report.skip(f"no label: {reason}", found.places[reason])
    for note in found.notes:
        report.note(note)
    if len(names) < 2:
        raise QwattError(
            f"a classifier needs two labels or more; found {len(names)}",
            where=source,
            mend=_mend(read, source),
        )
    kept = [i for i, number in enumerate(numbers) if number is not None]
    return kept, np.array([numbers[i] for i in kept], dtype=np.int64), tuple(names)


def _mend(read: Table | Documents, source: str) -> str:
    """Return how to give labels: where the field of labels is missing, by the name of one that is there."""
    column = split_source(source)[1].label or "label"
    fields = list(dict.fromkeys(name for row in read.rows for name in row))
    if fields and column not in fields:
        known = listed(fields)
        return f'there is no field "{column}"; name another after the path, as in data.csv#,topic: {known}'
    return (
        f'give every row one of two or more values in the field "{column}", '
        "or name another field after the path, as in data.csv#,topic"
    )
