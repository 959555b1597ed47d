"""Reads a user's documents: one pass, skips counted, errors that name file, line, field and mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.progress import tell
from qwatt.data.fields import Fields
from qwatt.data.formats import open_rows
from qwatt.data.names import shown
from qwatt.data.naming import Columns, split_source
from qwatt.data.phrases import PHRASES, phrase_rows
from qwatt.data.places import Places
from qwatt.data.report import ReadReport, announce

__all__ = [
    "Columns",
    "Document",
    "Documents",
    "iter_documents",
    "read_documents",
    "split_source",
]

_EVERY = 1000
"""Documents between two signs of progress."""
_LONGEST_ID = 500
MOST_CHARACTERS = 768 << 20
"""Text that is held in memory, at most; an archive of a few megabytes may be terabytes."""
MOST_FIELDS = 12_000_000
"""Fields of all rows, at most."""


@dataclass(frozen=True)
class Document:
    """One document.

    Args:
        id: the row's own `id` when it has a new one, else its place.
        text: its text, never empty.
        label: its label as it stands in the file (a number, truth value, text, list, ...), or None.
        row: all fields of the row it came from.
        place: where it stands, as "file:row".
    """

    id: str
    text: str
    label: Any
    row: Mapping[str, Any]
    place: str


@dataclass(frozen=True)
class Documents:
    """Documents in memory, in step: `texts`, `ids`, raw `labels`, whole `rows`, `places`; and the report."""

    texts: list[str]
    ids: list[str]
    labels: list[Any]
    rows: list[Mapping[str, Any]]
    report: ReadReport
    places: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.texts)


def read_documents(
    source: str | Path, field: str | None = None, label: str | None = None, limit: int | None = None
) -> Documents:
    """Read documents into memory.

    Args:
        source: a .txt (one document a file), .log (one a line), .jsonl, .csv, .tsv, .parquet, .arrow or
            .feather file (the text forms also as .gz, .bz2, .xz, .zst or in a .zip), a folder that Hugging
            Face `datasets` saved, or a folder of files; "path#text,label" names the columns. Or the built-in
            corpus, "builtin:phrases".
        field: the text field; the default is "text", or the only field that holds text.
        label: the label field, by default "label"; a row without it has the label None.
        limit: stop after so many documents.

    Raises:
        QwattError: nothing there, an unknown file type, a broken file, no such field, no document left, or
            more than memory should hold.
    """
    report = ReadReport(shown(str(source)))
    texts, ids, labels, rows, places = [], [], [], [], Places()
    characters = fields = 0
    for document in islice(iter_documents(source, field, label, report), limit):
        texts.append(document.text)
        ids.append(document.id)
        labels.append(document.label)
        rows.append(document.row)
        places.append(document.place)
        characters, fields = characters + len(document.text), fields + len(document.row)
        if characters > MOST_CHARACTERS or fields > MOST_FIELDS:
            raise _too_large(source, len(texts))
    return Documents(texts, ids, labels, rows, report, places)


def iter_documents(
    source: str | Path,
    field: str | None = None,
    label: str | None = None,
    report: ReadReport | None = None,
) -> Iterator[Document]:
    """Yield the documents of `read_documents` one by one, filling `report` on the way.

    Raises:
        QwattError: as `read_documents`; "no document left" is raised at the end.
    """
    path, named = split_source(source)
    report = report if report is not None else ReadReport(shown(str(source)))
    announce(report)
    fields = Fields(path, field or named.text, label or named.label, report)
    seen: set[str] = set()
    again: Counter[str] = Counter()
    for place, row in phrase_rows() if str(path) == PHRASES else open_rows(path, report):
        text = fields.text(row, place)
        if text is None:
            continue
        own = _own_id(row.get("id"))
        name = place if own is None or own in seen else own
        if name in seen:  # an earlier row's own id is this row's place, or a file is read twice
            name = _another(name, seen, again)
        seen.add(name)
        report.documents += 1
        if report.documents % _EVERY == 0:
            tell(report.documents, 0, "documents read")
        yield Document(name, text, fields.label(row), row, place)
    fields.finish()


def _another(name: str, seen: set[str], again: Counter[str]) -> str:
    """Return a name that no document has, in linear time however many were called alike."""
    while True:
        again[name] += 1
        found = f"{name}'{again[name] if again[name] > 1 else ''}"
        if found not in seen:
            return found


def _too_large(source: str | Path, documents: int) -> QwattError:
    return QwattError(
        f"more than the first {documents:,} documents cannot be held in memory",
        where=shown(str(source)),
        mend="give a part of them; `qwatt dedup` takes a corpus of any size",
    )


def _own_id(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value != value:  # noqa: PLR0124 (NaN)
        return None
    own = str(value)
    return own if own.strip() and len(own) <= _LONGEST_ID else None
