"""Explains what is wrong in a file of settings: the line, the key, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pydantic import ValidationError

from qwatt.core.errors import QwattError
from qwatt.core.near_names import near_names

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def explain(
    error: ValidationError, where: str, text: str, fields_beside: Callable[[list[str]], list[str]]
) -> QwattError:
    """Turn the first pydantic error into one that names key, line and the nearest valid key.

    Args:
        error: what pydantic found.
        where: the file.
        text: its text.
        fields_beside: returns the valid keys at a key's location.
    """
    first = plainest(error)
    location = [part for part in first["loc"] if part not in _BRANCHES]
    key = ".".join(map(str, location))
    place = f"{where}{line_of(text, location)}, key {key}" if key else where
    name = str(location[-1]) if location else ""
    if first["type"] == "extra_forbidden":
        valid = fields_beside([str(part) for part in location])
        near = near_names(name, valid, most=2)
        mend = f"did you mean {' or '.join(near)}?" if near else f"valid keys: {', '.join(valid)}"
        return QwattError(f"unknown key {name!r}", where=place, mend=mend)
    if location == ["tasks"] and first["type"] in ("missing", "too_short"):
        return QwattError("the study has no task", where=where, mend=f"change tasks: {_TASKS}")
    if first["type"] == "missing":
        return QwattError(f"the key {name!r} is missing", where=place, mend=f"add {name} = ... there")
    reason = first["msg"].removeprefix("Value error, ")
    if first["type"] in ("model_type", "model_attributes_type", "dict_type"):
        reason = "write a table, such as {key = value}"
    if first["type"] == "string_unicode":
        reason = "it is not UTF-8; rename a file whose name is not"
    if len(location) < len(first["loc"]):
        reason = "give a whole number, or a list of whole numbers"
    elif location[:1] == ["tasks"] and len(location) < 3:
        reason = _TASKS
    return QwattError(f"{first['input']!r} does not fit", where=place, mend=f"change {key}: {reason}")


_TASKS = "give at least one task, each beginning with [[tasks]]"
_BRANCHES = ("int", "list[int]")
"""What pydantic adds to the location of an error in a union."""


def plainest(error: ValidationError) -> ErrorDetails:
    """Return the complaint to tell: an unknown key before a missing one, which it may be a misspelling of."""
    complaints = error.errors()
    return next((c for c in complaints if c["type"] == "extra_forbidden"), complaints[0])


def line_of(text: str, location: Sequence[int | str]) -> str:
    """Return ", line N" of a key, or of what holds it, in its own [[tasks]] table; "" when it is nowhere."""
    start, end = 0, len(text)
    if len(location) > 1 and location[0] == "tasks" and isinstance(location[1], int):
        headers = [m.start() for m in re.finditer(r"(?m)^[ \t]*\[\[\s*tasks\s*\]\]", text)]
        bounds = [*headers, len(text)]
        if location[1] < len(headers):
            start, end = bounds[location[1]], bounds[location[1] + 1]
    for name in reversed([part for part in location if isinstance(part, str)]):
        found = re.compile(rf"(?m)^[ \t]*\[*[ \t]*(?:[\w.\-]+\.)?{re.escape(name)}\b").search(
            text, start, end
        )
        if found:
            return f", line {text[: found.end()].count(chr(10)) + 1}"
    return f", line {text[:start].count(chr(10)) + 1}" if start else ""
