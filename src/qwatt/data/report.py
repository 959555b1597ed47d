"""What was read and what was not: skips counted by reason, and whoever asks gathers the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_MOST_REASONS = 40
_MOST_NOTES = 20


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
