"""Cells of CSV files: text from users never becomes a formula of the spreadsheet that opens them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_FORMULA = re.compile(r"[=+\-@\x00-\x1f]")
_PLAIN = frozenset((float, int, bool, type(None)))
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def plain_cell(value: Any) -> Any:
    """Return text that begins as a formula or with a control character with a `'` before it.

    Plain numbers such as -1 and everything that is no text stay as they are.
    """
    if not isinstance(value, str) or value[:1].isalpha():  # most cells
        return value
    live = _FORMULA.match(value) and not _NUMBER.fullmatch(value)
    return f"'{value}" if live else value


def to_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV with a header line; columns that are not named are left out."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(plain_cell, columns))
    for row in rows:
        cells = map(row.get, columns)
        writer.writerow([cell if cell.__class__ in _PLAIN else plain_cell(cell) for cell in cells])
    return stream.getvalue()
