"""Writes rows as JSON lines that every JSON reader takes (RFC 8259), whatever the rows hold.

NaN and the infinities become the strings "NaN", "Infinity" and "-Infinity", which `float()` reads back. Bytes
become {"base64": "..."}. Times become ISO 8601 text, decimals and other values their text. Lone surrogates,
control characters and the line separators of Unicode are escaped, so that the file is UTF-8 and one row is
one line.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from qwatt.core.durable import whole_file
from qwatt.core.errors import QwattError
from qwatt.data.names import shown

_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


def to_json(row: Any, indent: int | None = None) -> str:
    """Return one row as a line of JSON, without the line's end; or indented, as a whole file.

    Raises:
        QwattError: it is nested too deep, or holds itself.
    """
    try:
        try:
            text = json.dumps(row, ensure_ascii=False, allow_nan=False, default=_plain, indent=indent)
        except (ValueError, TypeError):  # not finite, or a key that is no text
            text = json.dumps(
                _finite(row), ensure_ascii=False, allow_nan=False, default=_plain, indent=indent
            )
    except (RecursionError, ValueError) as error:
        raise QwattError(
            "a row is nested too deep to be written", mend="take the nested field out"
        ) from error
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def write_jsonl(path: Path, rows: Iterable[Any]) -> int:
    """Write rows as JSON lines and return their number; the file appears whole or not at all.

    Raises:
        QwattError: a row cannot be written, or the disk is full or not writable; names the file.
    """
    count = 0
    try:
        with whole_file(path) as file:
            for row in rows:
                count += 1
                file.write(f"{to_json(row)}\n".encode())
    except QwattError as error:
        raise error.found_in(f"{shown(str(path))}:{count}") from None
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise QwattError(
            what, where=shown(str(path)), mend="free some space or choose another folder"
        ) from error
    return count


def _plain(value: Any) -> Any:
    """Return a form that JSON has for what it does not know."""
    if isinstance(value, bytes | bytearray | memoryview):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if hasattr(value, "tolist"):
        return _finite(value.tolist())  # NumPy
    return str(value)


def _finite(value: Any) -> Any:
    """Return a copy whose numbers are finite and whose keys are texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
