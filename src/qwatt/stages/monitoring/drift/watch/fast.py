"""Many lines at once, where each of them is surely good on its own.

The lines, with commas between them, are one JSON array. Where every line begins with `{`, ends with `}` and
holds no other brace, an object can only end at the end of a line, so that as many values as lines means that
every line is one object (lines of scalars: none holds a comma, bracket or brace). What is not surely good is
left to `Form.parse`, line by line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.data.table import LARGEST
from qwatt.stages.monitoring.drift.watch.form import Form


def parse_numbers(lines: Sequence[bytes], form: Form) -> NDArray[np.float64] | None:
    """Return the numbers of all lines, shape (lines, width), or None where a line may be bad.

    Args:
        lines: without their ends, none blank.
        form: of kind "numbers".
    """
    joined = b",".join(lines)
    rows = _objects(lines, joined) if form.fields else _scalars(lines, joined)
    if rows is None:
        return None
    try:
        columns = [[row[field] for row in rows] for field in form.fields] if form.fields else [rows]
    except KeyError:
        return None
    if any(not set(map(type, column)) <= {int, float} for column in columns):
        return None
    try:
        found = np.array(columns, dtype=np.float64).T
    except OverflowError:  # an integer of more than 308 digits
        return None
    return found if bool((np.abs(found) <= LARGEST).all()) else None


def _objects(lines: Sequence[bytes], joined: bytes) -> list[Any] | None:
    braced = all(line[:1] == b"{" and line[-1:] == b"}" for line in lines)
    if not braced or joined.count(b"{") != len(lines) or joined.count(b"}") != len(lines):
        return None
    return _array(joined, len(lines))


def _scalars(lines: Sequence[bytes], joined: bytes) -> list[Any] | None:
    if joined.count(b",") != len(lines) - 1 or b"[" in joined or b"{" in joined or b'"' in joined:
        return None
    return _array(joined, len(lines))


def _array(joined: bytes, count: int) -> list[Any] | None:
    try:
        rows: list[Any] = json.loads(b"[" + joined + b"]")
    except (ValueError, RecursionError):
        return None
    return rows if len(rows) == count else None
