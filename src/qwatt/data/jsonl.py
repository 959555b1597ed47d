"""Rows out of JSON lines: one object a line, everything else counted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.names import told_apart
from qwatt.data.reading import MOST_COLUMNS, Row
from qwatt.data.report import ReadReport
from qwatt.data.streams import Source
from qwatt.data.text import MAX_DOCUMENT_BYTES, bounded_lines

_PATIENCE_LINES = 100
_DEEPEST = 100
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]')


def read_jsonl(source: Source, report: ReadReport) -> Iterator[Row]:
    """Yield the objects of a .jsonl file.

    Raises:
        QwattError: no line is an object, the file is UTF-16 (JSON is UTF-8, RFC 8259), binary or damaged.
    """
    good = bad = 0
    first_reason = ""
    for number, line, encoding in bounded_lines(source):
        if encoding.startswith(("utf-16", "utf-32")):
            name = encoding.upper()
            mend = f"convert it: iconv -f {name} -t UTF-8 IN > OUT"
            raise QwattError(f"the file is {name}", where=source.where, mend=mend)
        place = f"{source.name}:{number}"
        if line is None:
            report.skip(f"longer than {MAX_DOCUMENT_BYTES >> 20} MiB", place)
            continue
        if line.isspace():
            continue
        row = _json_object(line)
        if isinstance(row, str):
            bad += 1
            first_reason = first_reason or row
            report.skip(row, place)
            if not good and bad > _PATIENCE_LINES:
                break
            continue
        good += 1
        if encoding != "utf-8":
            report.encodings[encoding] += 1
        yield place, row
    if bad and not good:
        raise QwattError(
            f"no line is a JSON object that can be used: {first_reason}",
            where=f"{source.where}:1",
            mend='write one object a line, as {"text": "..."}',
        )


def _json_object(line: str) -> dict[str, Any] | str:
    """Return the object, or the reason why there is none."""
    if _depth(line) > _DEEPEST:
        return f"JSON of more than {_DEEPEST} levels"
    try:
        row = DECODER.decode(line)
    except (json.JSONDecodeError, RecursionError):
        return "not JSON"
    except ValueError:
        return "a number of more digits than Python converts"
    if not isinstance(row, dict):
        return "JSON, but not an object"
    if len(row) > MOST_COLUMNS:
        return f"more than {MOST_COLUMNS:,} fields"
    return row


def _depth(line: str) -> int:
    """Return how deep brackets open outside of strings, as far as it matters."""
    if line.count("[") + line.count("{") <= _DEEPEST:
        return 0
    depth = deepest = 0
    for found in _STRING_OR_BRACKET.finditer(line):
        mark = found[0]
        depth += (mark in "[{") - (mark in "]}")
        deepest = max(deepest, depth)
        if deepest > _DEEPEST:
            break
    return deepest


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object so that the first of two fields of one name keeps it, as in the other readers."""
    row = dict(pairs)
    if len(row) == len(pairs):
        return row
    return dict(zip(told_apart([name for name, _ in pairs]), (value for _, value in pairs), strict=True))


DECODER = json.JSONDecoder(object_pairs_hook=_first_of_each)
"""Of two fields of one name the first counts."""
