"""Reads a user's documents: one pass, skips counted, errors that name file, line, field and mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.progress import tell
from qwatt.data.formats import open_rows
from qwatt.data.names import listed, shown
from qwatt.data.naming import Columns, split_source
from qwatt.data.places import Places
from qwatt.data.text import MAX_DOCUMENT_BYTES

__all__ = [
    "Columns",
    "Document",
    "Documents",
    "ReadReport",
    "gather_reports",
    "iter_documents",
    "read_documents",
    "split_source",
]

_PATIENCE_ROWS = 1000
_EVERY = 1000
"""Documents between two signs of progress."""
_MOST_REASONS = 40
_MOST_NOTES = 20
_LONGEST_ID = 500


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


@dataclass
class ReadReport:
    """What was read and what was skipped.

    Args:
        source: the path.
        documents: number of documents read.
        skipped: number of skipped rows or files by reason.
        places: the first place of every reason.
        encodings: number of lines or files by encoding, when it was not UTF-8.
        notes: what was decided while reading, such as the delimiter, or the part of a data set.
    """

    source: str
    documents: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)
    encodings: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def skip(self, reason: str, place: str) -> None:
        """Count one skipped row or file."""
        if reason not in self.skipped and len(self.skipped) >= _MOST_REASONS:
            reason = "other reasons"
        self.skipped[reason] += 1
        self.places.setdefault(reason, place)

    def note(self, text: str) -> None:
        """Say once what was decided while reading."""
        if text not in self.notes and len(self.notes) < _MOST_NOTES:
            self.notes.append(text)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source,
            "documents": self.documents,
            "skipped": dict(self.skipped),
            "first_places": dict(self.places),
            "encodings": dict(self.encodings),
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        skips = [
            f"{n} skipped: {reason} (first: {self.places[reason]})" for reason, n in self.skipped.items()
        ]
        other = [f"{n} read as {encoding}" for encoding, n in self.encodings.items()]
        return "; ".join([f"{self.documents} documents", *skips, *other, *self.notes])


_gathered: ContextVar[list[ReadReport] | None] = ContextVar("gathered", default=None)


@contextmanager
def gather_reports() -> Iterator[list[ReadReport]]:
    """Collect the report of everything that is read meanwhile, whoever reads it."""
    reports: list[ReadReport] = []
    token = _gathered.set(reports)
    try:
        yield reports
    finally:
        _gathered.reset(token)


def announce(report: ReadReport) -> None:
    """Hand a report to whoever gathers them."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered.append(report)


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
        source: a .txt (one document a file), .jsonl, .csv, .tsv or .parquet file (the text forms also as .gz,
            .bz2, .xz, .zst or in a .zip), a folder that Hugging Face `datasets` saved, or a folder of files;
            "path#text,label" names the columns.
        field: the text field; the default is "text", or the only field that holds text.
        label: the label field, by default "label"; a row without it has the label None.
        limit: stop after so many documents.

    Raises:
        QwattError: nothing there, an unknown file type, a broken file, no such field, or no document left.
    """
    report = ReadReport(shown(str(source)))
    texts, ids, labels, rows, places = [], [], [], [], Places()
    for document in islice(iter_documents(source, field, label, report), limit):
        texts.append(document.text)
        ids.append(document.id)
        labels.append(document.label)
        rows.append(document.row)
        places.append(document.place)
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
    chooser = _Chooser(path, field or named.text, label or named.label, report)
    seen: set[str] = set()
    for place, row in open_rows(path, report):
        text = chooser.text(row, place)
        if text is None:
            continue
        own = _own_id(row.get("id"))
        name = place if own is None or own in seen else own
        while name in seen:  # an earlier row's own id is this row's place
            name += "'"
        seen.add(name)
        report.documents += 1
        if report.documents % _EVERY == 0:
            tell(report.documents, 0, "documents read")
        yield Document(name, text, chooser.label(row), row, place)
    chooser.finish()


class _Chooser:
    """Picks text and label out of rows, and counts the rows without a text."""

    def __init__(self, path: Path, text: str | None, label: str | None, report: ReadReport) -> None:
        self._path = path
        self._text = text
        self._label = label or "label"
        self._needs_label = label is not None
        self._fields: list[str] = []
        self._report = report

    def text(self, row: Mapping[str, Any], place: str) -> str | None:
        """Return the row's text, or None after counting why there is none."""
        self._fields = self._fields or list(row)
        if self._text is None:
            self._text = _text_field(row, self._label, place)
            if self._text not in (None, "text"):
                self._report.note(f"the text is read from the field {shown(str(self._text), 60)}")
        name = self._text or "text"
        key = _key(row, name)
        value = row[key] if key is not None else None
        if isinstance(value, bytes):
            value = _decoded(value)
        reason = _reason_to_skip(value) if key is not None else f"no field {shown(name, 60)!r}"
        if reason is None:
            return str(value)
        self._report.skip(reason, place)
        patience = not self._report.documents and self._report.skipped[reason] >= _PATIENCE_ROWS
        if key is None and patience:
            raise self._nothing_left()
        return None

    def label(self, row: Mapping[str, Any]) -> Any:
        """Return the row's label as it stands there."""
        key = _key(row, self._label)
        if key is None:
            return None
        self._needs_label = False
        return row[key]

    def finish(self) -> None:
        """Refuse a source without a document, and one without the label that its user named."""
        if not self._report.documents:
            raise self._nothing_left()
        if self._needs_label:
            raise QwattError(
                f"no row has a field {shown(self._label, 60)!r}",
                where=shown(str(self._path)),
                mend=f"name one of the fields for the label: {listed(self._fields)}",
            )

    def _nothing_left(self) -> QwattError:
        mend = "give a file that holds text; name its text field after the path, as in corpus.jsonl#body"
        if self._fields:
            mend += f"; the first row has the fields {listed(self._fields)}"
        what = f"no document is left to use ({self._report})"
        return QwattError(what, where=shown(str(self._path)), mend=mend)


def _key(row: Mapping[str, Any], name: str) -> str | None:
    """Return the row's own spelling of a field's name, which may have blanks around it; None without one."""
    if name in row:
        return name
    return next((key for key in row if isinstance(key, str) and key.strip() == name), None)


def _own_id(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value != value:  # noqa: PLR0124 (NaN)
        return None
    own = str(value)
    return own if own.strip() and len(own) <= _LONGEST_ID else None


def _decoded(value: bytes) -> Any:
    """Return the text that a column of bytes holds, or the bytes when they are not UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _reason_to_skip(value: Any) -> str | None:
    if not isinstance(value, str):
        names = {type(None): "null", bytes: "not valid UTF-8"}
        return names.get(type(value), f"not text but {type(value).__name__}")
    if not value or value.isspace():
        return "empty"
    if len(value) > MAX_DOCUMENT_BYTES:
        return f"longer than {MAX_DOCUMENT_BYTES >> 20} MiB"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "not valid Unicode (a lone surrogate)"
    return None


def _text_field(row: Mapping[str, Any], label: str, place: str) -> str | None:
    """Return "text", or the only field that holds text; None when the row holds none, and the next may tell.

    Raises:
        QwattError: there are several, and none is called "text".
    """
    if _key(row, "text") is not None:
        return "text"
    beside = ("id", label)
    texts = [k for k, v in row.items() if isinstance(v, str | bytes) and k.strip() not in beside]
    if len(texts) > 1:
        raise QwattError(
            f"no field 'text'; the fields that hold text are: {listed(texts)}",
            where=place,
            mend="name the text field after the path, as in corpus.jsonl#body",
        )
    return texts[0] if texts else None
