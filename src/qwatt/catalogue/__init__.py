"""Sourced constants as TOML, and their loader.

A number is a table `{value, low?, high?, unit, source, date, confidence}`. The last three may be written once
in an enclosing table; its numbers inherit them. What nobody has published is absent, never 0.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.quantity import Basis, Boundary, Quantity, unit_scale

FOLDER = Path(__file__).parent
CONFIDENCE = {
    "A": "read in a primary document or package",
    "B": "read in a secondary page",
    "C": "recollected or a vendor's claim that was not retrieved",
    "D": "derived here from A and B",
}
_INHERITED = ("source", "date", "confidence")


def names() -> list[str]:
    """Return the names that `load` takes."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name: str) -> dict[str, Any]:
    """Return the tables of `catalogue/<name>.toml`, every number complete with source, date and confidence.

    Raises:
        QwattError: no such catalogue, or an entry breaks the rules; names file and key.
    """
    path = FOLDER / f"{name}.toml"
    if not path.is_file():
        raise unknown_name("catalogue", name, names())
    return copy.deepcopy(_parsed(path))


def read(path: Path) -> dict[str, Any]:
    """Return the checked tables of any catalogue file, such as a user's own QPU.

    Raises:
        QwattError: the file is not TOML, or an entry breaks the rules.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise QwattError(f"cannot be read: {error}", where=str(path)) from error
    return _complete(tables, {}, path.name)


_parsed = cache(read)


def quantity(
    entry: Mapping[str, Any], basis: Basis = Basis.PUBLISHED, boundary: Boundary | None = None
) -> Quantity:
    """Return a catalogue number as a quantity; its remark carries confidence, source and date.

    A rate such as "USD/shot" becomes the quantity of one shot, in USD.
    """
    remark = f"{entry['confidence']}: {entry['source']} ({entry['date']})"
    unit = _numerator(entry["unit"])
    return Quantity(entry["value"], entry.get("low"), entry.get("high"), unit, basis, boundary, remark)


def is_number(entry: Any) -> bool:
    """Whether a table is a number rather than a group of them."""
    return isinstance(entry, Mapping) and "value" in entry


def _complete(table: Mapping[str, Any], above: Mapping[str, Any], where: str) -> dict[str, Any]:
    here = dict(above) | {key: str(table[key]) for key in _INHERITED if key in table}
    if is_number(table):
        return _checked({**here, **table, **here}, where)
    return {key: _descend(item, here, f"{where}:{key}") for key, item in table.items()}


def _descend(item: Any, above: Mapping[str, Any], where: str) -> Any:
    if isinstance(item, Mapping):
        return _complete(item, above, where)
    if isinstance(item, list):
        return [_descend(part, above, f"{where}[{index}]") for index, part in enumerate(item)]
    return item


def _checked(entry: dict[str, Any], where: str) -> dict[str, Any]:
    missing = [key for key in ("unit", *_INHERITED) if key not in entry]
    if missing:
        raise QwattError(
            f"the number lacks {', '.join(missing)}", where=where, mend=f"write {missing[0]} beside the value"
        )
    if entry["confidence"] not in CONFIDENCE:
        raise unknown_name("confidence", entry["confidence"], CONFIDENCE, where=where)
    try:
        quantity(entry)
    except QwattError as error:
        raise QwattError(error.what, where=where, mend=error.mend) from error
    return entry


def _numerator(unit: str) -> str:
    """Return the unit itself, or what stands above the stroke of a rate."""
    try:
        unit_scale(unit)
    except QwattError:
        if "/" not in unit:
            raise
        return unit.split("/", 1)[0]
    return unit
