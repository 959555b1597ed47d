"""Sourced constants as TOML, and their loader.

A number is a table `{value, low?, high?, unit, source, date, confidence}`. The last three may be written once
in an enclosing table; its numbers inherit them. What nobody has published is absent, never 0.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from qwatt.catalogue.own import INHERITED, check_own, check_qpus
from qwatt.catalogue.own import is_number as is_number
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.quantity import Basis, Boundary, Quantity, unit_scale
from qwatt.core.toml import read_toml

FOLDER = Path(__file__).parent
_MOST = 1e100
"""No number of nature or trade reaches it, and products of a few that do are infinite."""
CONFIDENCE = {
    "A": "read in a primary document or package",
    "B": "read in a secondary page",
    "C": "recollected or a vendor's claim that was not retrieved",
    "D": "derived here from A and B",
}


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
    tables = copy.deepcopy(_parsed(path))
    return _joined(tables, copy.deepcopy(_own.get(name, {})))


_own: dict[str, dict[str, Any]] = {}
"""Tables of the user's own file, by catalogue."""


def add(path: Path | None) -> None:
    """Lay a user's own file over the catalogues, for the rest of this process; None takes it away again.

    Its top tables are names of catalogues, such as `[qpus.mine]`, `[qpu_power.mine]`, `[grids.home]` or
    `[accelerators.chip]`, and hold what those files hold; a number that exists already is replaced. `source`,
    `date` and `confidence` may stand once at the top.

    Raises:
        QwattError: the file is not TOML, names no catalogue, or an entry breaks the rules.
    """
    tables = {} if path is None else read(path)
    above = {name: tables.pop(name) for name in INHERITED if name in tables}
    own = tables
    for name, table in own.items():
        if name not in names():
            raise unknown_name("catalogue", name, names(), where=f"{path}:{name}")
        if not isinstance(table, dict):
            raise QwattError(f"{name} is no table", where=f"{path}:{name}", mend=f"write [{name}.MINE]")
        shipped = _parsed(FOLDER / f"{name}.toml")
        known = _keys(shipped) | {*INHERITED}
        for key, part in _parts(table):
            if wrong := _keys({key: part}) - known:
                raise unknown_name("key", min(wrong), known, where=f"{path}:{name}.{key}")
            part.update({word: text for word, text in above.items() if word not in part})
        check_own(table, shipped, f"{path}:{name}")
    powers = {**_parsed(FOLDER / "qpu_power.toml"), **own.get("qpu_power", {})}
    check_qpus(own.get("qpus", {}), _parsed(FOLDER / "qpus.toml"), powers, f"{path}:qpus")
    lay(own)


def own_tables() -> dict[str, dict[str, Any]]:
    """Return what is laid over the catalogues, for another process to lay there too."""
    return copy.deepcopy(_own)


def lay(own: Mapping[str, dict[str, Any]]) -> None:
    """Lay checked tables over the catalogues, in place of what lay there."""
    _own.clear()
    _own.update(own)
    _forget()


def _parts(table: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(key, part) for key, part in table.items() if isinstance(part, dict) and not is_number(part)]


def _keys(table: Mapping[str, Any]) -> set[str]:
    """Return the keys of numbers and words that the tables of a catalogue have; groups are named freely."""
    inner = [item for _, part in _parts(table) for item in part.items()]
    return {key for key, item in inner if is_number(item) or not isinstance(item, dict)}


def _forget() -> None:
    """Clear what was kept of the catalogues before."""
    kept = [name for name in sys.modules if name.startswith(_READERS)]
    for item in [item for name in kept for item in vars(sys.modules[name]).values()]:
        clear = getattr(item, "cache_clear", None)
        if clear is not None and item is not _parsed:
            clear()


_READERS = ("qwatt.energy", "qwatt.projection", "qwatt.protocol")


def _joined(table: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with the user's on top; numbers are replaced whole."""
    for key, item in own.items():
        below = table.get(key)
        deeper = isinstance(item, Mapping) and isinstance(below, dict) and not is_number(item)
        table[key] = _joined(below, item) if deeper and isinstance(below, dict) else item
    return table


def read(path: Path) -> dict[str, Any]:
    """Return the checked tables of any catalogue file, such as a user's own QPU.

    Raises:
        QwattError: the file is not TOML, or an entry breaks the rules.
    """
    tables, _ = read_toml(path, "check the path")
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


def _complete(table: Mapping[str, Any], above: Mapping[str, Any], where: str) -> dict[str, Any]:
    for key in INHERITED:
        if isinstance(table.get(key), Mapping | list):
            raise QwattError(f"{key} is no text", where=f"{where}:{key}", mend=f'write {key} = "..."')
    here = dict(above) | {key: str(table[key]) for key in INHERITED if key in table}
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
    missing = [key for key in ("unit", *INHERITED) if key not in entry]
    if missing:
        raise QwattError(
            f"the number lacks {', '.join(missing)}", where=where, mend=f"write {missing[0]} beside the value"
        )
    if entry["confidence"] not in CONFIDENCE:
        raise unknown_name("confidence", entry["confidence"], CONFIDENCE, where=where)
    odd = [name for name in ("value", "low", "high") if not _is_amount(entry.get(name, 0))]
    odd += [] if isinstance(entry["unit"], str) else ["unit"]
    if odd:
        mend = "write a finite number" if odd[0] != "unit" else 'write a text such as "kW"'
        raise QwattError(f"{odd[0]} is {entry[odd[0]]!r:.80}", where=where, mend=mend)
    try:
        quantity(entry)
    except QwattError as error:
        raise QwattError(error.what, where=where, mend=error.mend) from error
    return entry


def _is_amount(item: Any) -> bool:
    return isinstance(item, int | float) and not isinstance(item, bool) and abs(item) < _MOST


def _numerator(unit: str) -> str:
    """Return the unit itself, or what stands above the stroke of a rate."""
    try:
        unit_scale(unit)
    except QwattError:
        if "/" not in unit:
            raise
        return unit.split("/", 1)[0]
    return unit
