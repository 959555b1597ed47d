"""Puts what was found out of rows before all that the rows held."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from qwatt.data.rows import to_json

_COPIED = frozenset(("id", "text"))
"""What findings only repeat of their rows, unless a row has it otherwise."""
_PLAIN = frozenset((str, int, bool, type(None)))


def with_own_fields(
    found: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return for each row what was found, followed by the row's own fields, in forms that JSON has.

    Args:
        found: one mapping a row, all with the same names.
        rows: the fields of each row, in step with `found`. One whose name is found too is left out where it
            is "id" or "text" and the same in every row, and else follows as NAME.2, or the next free number.
    """
    if not found:
        return []
    names = _names(found, rows)
    own = ({names[key]: _plain(value) for key, value in row.items() if key in names} for row in rows)
    return [{**said, **fields} for said, fields in zip(found, own, strict=True)]


def _names(found: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the names under which fields of the rows are kept."""
    taken = set(found[0])
    fields = list(dict.fromkeys(key for row in rows for key in row))
    kept = {key: key for key in fields if key not in taken}
    for key in taken.intersection(fields):
        pairs = ((said[key], row[key]) for said, row in zip(found, rows, strict=True) if key in row)
        if key not in _COPIED or any(str(said) != str(own) for said, own in pairs):
            used = taken.union(fields, kept.values())
            kept[key] = next(name for n in count(2) if (name := f"{key}.{n}") not in used)
    return {key: kept[key] for key in fields if key in kept}


def _plain(value: Any) -> Any:
    scalar = value.__class__ in _PLAIN or (value.__class__ is float and math.isfinite(value))
    return value if scalar else json.loads(to_json(value))
