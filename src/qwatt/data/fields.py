"""Which fields of a row hold its text and its label, and why a row has no text to use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.names import listed, shown
from qwatt.data.report import ReadReport
from qwatt.data.text import MAX_DOCUMENT_BYTES

_PATIENCE_ROWS = 1000
"""Rows without the text's field after which a source is given up, while none had it."""
_PATIENCE_ALL_ROWS = 1_000_000
"""Rows without a text for whatever reason, likewise: of empty ones a small file may hold billions."""


class NoTextFieldError(QwattError):
    """Several fields hold text, and none of them is called "text"."""


class Fields:
    """Picks text and label out of rows, and counts the rows without a text.

    Args:
        path: the source, for errors.
        text: the text's field, or None for "text" or the only field that holds text.
        label: the label's field, or None for "label", which rows need not have.
        report: is told of skipped rows, and of the field that was chosen.
        found: whether a row with a text was met before; then none without one ends the reading.
    """

    def __init__(
        self, path: Path, text: str | None, label: str | None, report: ReadReport, found: bool = False
    ) -> None:
        self.found = found
        self._path = path
        self._text = text
        self._label = label or "label"
        self._needs_label = label is not None
        self._known: list[str] = []
        self._report = report

    def text(self, row: Mapping[str, Any], place: str) -> str | None:
        """Return the row's text, or None after counting why there is none."""
        self._known = self._known or list(row)
        if self._text is None:
            self._text = _text_field(row, self._label, place, self._path.name)
            if self._text not in (None, "text"):
                self._report.note(f"the text is read from the field {shown(str(self._text), 60)}")
        name = self._text or "text"
        key = _key(row, name)
        value = row[key] if key is not None else None
        if isinstance(value, bytes):
            value = _decoded(value)
        reason = _reason_to_skip(value) if key is not None else f"no field {shown(name, 60)!r}"
        if reason is None:
            self.found = True
            return str(value)
        self._report.skip(reason, place)
        patience = _PATIENCE_ROWS if key is None else _PATIENCE_ALL_ROWS
        if not self.found and self._report.skipped[reason] >= patience:
            raise self._nothing_left()
        return None

    def refuse(self, reason: str, place: str) -> None:
        """Count a row that cannot have a text."""
        self._report.skip(reason, place)

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
                mend=f"name one of the fields for the label: {listed(self._known)}",
            )

    def _nothing_left(self) -> QwattError:
        mend = "give a file that holds text; name its text field after the path, as in corpus.jsonl#body"
        if self._known:
            mend += f"; the first row has the fields {listed(self._known)}"
        what = f"no document is left to use ({self._report})"
        return QwattError(what, where=shown(str(self._path)), mend=mend)


def _key(row: Mapping[str, Any], name: str) -> str | None:
    """Return the row's own spelling of a field's name, which may have blanks around it; None without one."""
    if name in row:
        return name
    return next((key for key in row if isinstance(key, str) and key.strip() == name), None)


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


def _text_field(row: Mapping[str, Any], label: str, place: str, file: str) -> str | None:
    """Return "text", or the only field that holds text; None when the row holds none, and the next may tell.

    Raises:
        NoTextFieldError: there are several, and none is called "text".
    """
    if _key(row, "text") is not None:
        return "text"
    beside = ("id", label)
    texts = [k for k, v in row.items() if isinstance(v, str | bytes) and k.strip() not in beside]
    if len(texts) > 1:
        longest = max(texts, key=lambda key: len(row[key]))  # a number or a title is seldom meant
        raise NoTextFieldError(
            f"no field 'text'; the fields that hold text are: {listed(texts)}",
            where=place,
            mend=f"name the text field after the path, as in {shown(file, 60)}#{shown(longest, 60)}",
        )
    return texts[0] if texts else None
