"""Reads a user's documents: one pass, skips counted, errors that name file, line, field and mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.formats import open_rows
from qwatt.data.text import MAX_DOCUMENT_BYTES

_PATIENCE_ROWS = 1000


@dataclass(frozen=True)
class Document:
    """One document.

    Args:
        id: the row's own `id` when it has a new one, else "file:line".
        text: its text, never empty.
        label: its label, or None.
        row: all fields of the row it came from.
    """

    id: str
    text: str
    label: str | None
    row: Mapping[str, Any]


@dataclass
class ReadReport:
    """What was read and what was skipped.

    Args:
        source: the path.
        documents: number of documents read.
        skipped: number of skipped rows or files by reason.
        places: the first place of every reason.
        encodings: number of lines or files by encoding, when it was not UTF-8.
    """

    source: str
    documents: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)
    encodings: Counter[str] = field(default_factory=Counter)

    def skip(self, reason: str, place: str) -> None:
        """Count one skipped row or file."""
        self.skipped[reason] += 1
        self.places.setdefault(reason, place)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "source": self.source,
            "documents": self.documents,
            "skipped": dict(self.skipped),
            "first_places": dict(self.places),
            "encodings": dict(self.encodings),
        }

    def __str__(self) -> str:
        skips = [
            f"{n} skipped: {reason} (first: {self.places[reason]})" for reason, n in self.skipped.items()
        ]
        other = [f"{n} read as {encoding}" for encoding, n in self.encodings.items()]
        return "; ".join([f"{self.documents} documents", *skips, *other])


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


@dataclass(frozen=True)
class Documents:
    """Documents in memory: `texts`, `ids`, `labels` and whole `rows` in step, and the report."""

    texts: list[str]
    ids: list[str]
    labels: list[str | None]
    rows: list[Mapping[str, Any]]
    report: ReadReport

    def __len__(self) -> int:
        return len(self.texts)


def split_source(source: str | Path) -> tuple[Path, str | None]:
    """Split "corpus.jsonl#body" into the path and the name of the text field."""
    path = Path(source).expanduser()
    if not path.exists() and "#" in path.name:
        name, _, text_field = path.name.rpartition("#")
        return path.with_name(name), text_field or None
    return path, None


def read_documents(
    source: str | Path, field: str | None = None, label: str = "label", limit: int | None = None
) -> Documents:
    """Read documents into memory.

    Args:
        source: a .txt (one document a file), .jsonl, .csv, .tsv or .parquet file (also .gz of the text
            forms), a Hugging Face `datasets` folder, or a folder of files; "path#name" names the text field.
        field: the text field; the default is "text", or the only field that holds text.
        label: the label field; a row without it has the label None.
        limit: stop after so many documents.

    Raises:
        QwattError: nothing there, an unknown file type, a broken file, no such field, or no document left.
    """
    report = ReadReport(str(source))
    found = list(islice(iter_documents(source, field, label, report), limit))
    return Documents(
        [d.text for d in found],
        [d.id for d in found],
        [d.label for d in found],
        [d.row for d in found],
        report,
    )


def iter_documents(
    source: str | Path, field: str | None = None, label: str = "label", report: ReadReport | None = None
) -> Iterator[Document]:
    """Yield the documents of `read_documents` one by one, filling `report` on the way.

    Raises:
        QwattError: as `read_documents`; "no document left" is raised at the end.
    """
    path, named = split_source(source)
    report = report if report is not None else ReadReport(str(source))
    gathered = _gathered.get()
    if gathered is not None:
        gathered.append(report)
    wanted = field or named
    seen: set[str] = set()
    for place, row in open_rows(path, report):
        wanted = wanted or _text_field(row, place)
        text = _text(row, wanted, place, report)
        if text is None:
            continue
        own = row.get("id")
        name = str(own) if own is not None and str(own) not in seen else place
        seen.add(name)
        report.documents += 1
        value = row.get(label)
        yield Document(name, text, None if value is None else str(value), row)
    if not report.documents:
        raise _nothing_left(path, report)


def _nothing_left(path: Path, report: ReadReport) -> QwattError:
    return QwattError(
        f"no document is left to use ({report})",
        where=str(path),
        mend="give a file that holds text; name its text field after the path, as in corpus.jsonl#body",
    )


def _text(row: Mapping[str, Any], name: str, place: str, report: ReadReport) -> str | None:
    """Return the row's text, or None after counting why there is none."""
    reason = _reason_to_skip(row[name]) if name in row else f"no field {name!r}"
    if reason is None:
        return str(row[name])
    report.skip(reason, place)
    if name not in row and not report.documents and report.skipped[reason] >= _PATIENCE_ROWS:
        raise _nothing_left(Path(report.source), report)
    return None


def _reason_to_skip(value: Any) -> str | None:
    if value is None:
        return "null"
    if not isinstance(value, str):
        return f"not text but {type(value).__name__}"
    if not value.strip():
        return "empty"
    if len(value) > MAX_DOCUMENT_BYTES:
        return f"longer than {MAX_DOCUMENT_BYTES >> 20} MiB"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "not valid Unicode (a lone surrogate)"
    return None


def _text_field(row: Mapping[str, Any], place: str) -> str:
    """Return "text", or the only field that holds text.

    Raises:
        QwattError: there are several, and none is called "text".
    """
    texts = [name for name, value in row.items() if isinstance(value, str) and name not in ("id", "label")]
    if "text" in row or not texts:
        return "text"
    if len(texts) > 1:
        raise QwattError(
            f"no field 'text'; the fields that hold text are: {', '.join(texts)}",
            where=place,
            mend="name the text field after the path, as in corpus.jsonl#body",
        )
    return texts[0]
