"""Where labelled samples come from: film snippets, clinical tables, a user's file of texts or of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.data import read_documents, read_snippets, weather
from qwatt.data.class_tables import CLASS_TABLES, read_class_table
from qwatt.data.documents import split_source
from qwatt.data.labels import label_names
from qwatt.data.report import ReadReport, announce
from qwatt.data.table import holds_numbers, read_either, read_table
from qwatt.language.table_rows import in_words

SNIPPETS = ("vader", "tweets", "amazon", "nyt")
WEATHER = "builtin:weather"


@dataclass(frozen=True)
class Labelled:
    """Labelled sentences, or rows of a table in words.

    Args:
        texts: the sentences.
        ids: their names in the source.
        labels: number of each sentence's class.
        classes: the classes' names.
        note: tells the source's user once what was decided with the data.
        columns: of a table.
        values: of a table, shape (rows, columns); None for sentences.
    """

    texts: list[str]
    ids: list[str]
    labels: list[int]
    classes: tuple[str, ...]
    note: Callable[[str], None] = lambda _: None
    columns: tuple[str, ...] = ()
    values: NDArray[np.float64] | None = None

    @property
    def noun(self) -> str:
        """What a sample is called."""
        return "sentence" if self.values is None else "row"


def read_labelled(source: str) -> Labelled:
    """Return sentences or rows with their labels.

    Args:
        source: "vader" (films), "tweets", "amazon", "nyt", "builtin:weather", a table of `CLASS_TABLES`, a
            file with the columns `text` and `label` ("file#body,topic" names others), or a table of numbers
            with the column `label` ("file#,topic" names another). Rows without a label are counted.

    Raises:
        QwattError: nothing there, a label that is a list, or fewer than two labels.
    """
    if source == WEATHER:
        texts, labels = weather.sentences()
        return Labelled(texts, [f"weather:{i}" for i in range(len(texts))], labels, ("bad", "good"))
    if source in SNIPPETS:
        return _read_snippets(source)
    if source in CLASS_TABLES:
        return _read_known(source)
    if not split_source(source)[0].exists():
        raise QwattError(
            f"no such file or data set: {source!r}",
            mend="give a file with the fields text and label, or one of "
            + ", ".join((*SNIPPETS, *CLASS_TABLES)),
        )
    return read_either(source, _read_numbers, _read_file)


def is_table(source: str) -> bool:
    """Whether a source is a table of numbers; what cannot be read is none."""
    if source in CLASS_TABLES:
        return True
    try:
        path = split_source(source)[0]
        found = path.stat()
        return _holds_numbers(source, (found.st_size, found.st_mtime_ns))
    except (OSError, QwattError):
        return False


@lru_cache(maxsize=16)
def _holds_numbers(source: str, stamp: tuple[int, int]) -> bool:
    return holds_numbers(source)


def _read_snippets(name: str) -> Labelled:
    """Label a snippet by the sign of its mean rating; those rated 0 have none and are left out."""
    rated = [snippet for snippet in read_snippets(name) if snippet.rating != 0]
    labels = [int(snippet.rating > 0) for snippet in rated]
    texts, ids = [snippet.text for snippet in rated], [f"{name}:{snippet.id}" for snippet in rated]
    return Labelled(texts, ids, labels, ("negative", "positive"))


def _read_known(name: str) -> Labelled:
    table = read_class_table(name)
    columns = table.columns or tuple(f"value {i}" for i in range(table.values.shape[1]))
    texts, labels = in_words(columns, table.values), table.labels.tolist()
    report = ReadReport(name)
    announce(report)
    if table.note:
        report.note(table.note)
    return Labelled(texts, list(table.ids), labels, table.classes, report.note, columns, table.values)


def _read_file(source: str) -> Labelled:
    documents = read_documents(source)
    kept, numbers, names = _labelled(
        documents.labels, documents.places, source, documents.report, "#text,topic"
    )
    texts, ids = [documents.texts[i] for i in kept], [documents.ids[i] for i in kept]
    return Labelled(texts, ids, numbers, names, documents.report.note)


def _read_numbers(source: str) -> Labelled:
    table = read_table(source)
    kept, numbers, names = _labelled(table.labels, table.places, source, table.report, "#,topic")
    values, ids = table.values[kept], [table.ids[i] for i in kept]
    texts = in_words(table.columns, values)
    return Labelled(texts, ids, numbers, names, table.report.note, table.columns, values)


def _labelled(
    raw: Sequence[Any], places: Sequence[str], source: str, into: ReadReport, other: str
) -> tuple[list[int], list[int], tuple[str, ...]]:
    """Return which rows have a label, their classes' numbers, and the classes' names.

    Raises:
        QwattError: fewer than two labels.
    """
    names, labels, report = label_names(raw, places, source)
    for reason, count in report.skipped.items():
        for _ in range(count):
            into.skip(f"no label: {reason}", report.places[reason])
    for note in report.notes:
        into.note(note)
    if len(names) < 2:
        found = ", ".join(f"{name} ({count:,})" for name, count in report.counts.items()) or "none"
        column = split_source(source)[1].label or "label"
        raise QwattError(
            f"a head needs two labels or more; found {len(names)}: {found}",
            where=source,
            mend=f'give every row one of two or more values in the field "{column}", '
            f"or name another field after the path, as in data.csv{other}",
        )
    kept = [i for i, label in enumerate(labels) if label is not None]
    return kept, [label for label in labels if label is not None], tuple(names)
