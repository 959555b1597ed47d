"""Holds a catalogue of the user's own against the shipped one: kinds and signs of values, and keys.

The shipped entries are the rule: what all of them have, none may lack; a value is of a kind that its key has
there, and not negative where none is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.quantity import unit_scale

INHERITED = ("source", "date", "confidence")
AMOUNTS = ("value", "low", "high")
Table = Mapping[str, Any]
_FEW = 24
"""Texts that an error lists, at most."""


def is_number(entry: Any) -> bool:
    """Whether a table is a number rather than a group of them."""
    return isinstance(entry, Mapping) and "value" in entry


def check_own(own: Table, shipped: Table, where: str) -> None:
    """Check the user's table of a catalogue; numbers come to the units of shipped ones.

    Raises:
        QwattError: a value of another kind, sign or dimension, or a key that is missing; names the place.
    """
    known: dict[str, list[Any]] = defaultdict(list)
    for key, value in _items(shipped):
        known[key].append(value)
    _check(own, shipped, known, where)


def check_qpus(own: Table, shipped: Table, powers: Table, where: str) -> None:
    """Check what the user's QPUs name: a kind of program, and a system whose power is known.

    Args:
        own: their tables.
        shipped: those of `qpus.toml`.
        powers: tables of `qpu_power.toml` and the user's.
        where: the file and catalogue.

    Raises:
        QwattError: there is no such; names the place.
    """
    systems = [name for name, table in powers.items() if isinstance(table, Mapping) and "system" in table]
    words = {"program": {table["program"] for table in shipped.values()}, "power": [*systems, "unknown"]}
    for name, table in own.items():
        for key, known in words.items():
            if isinstance(table, Mapping) and table.get(key, next(iter(known))) not in known:
                raise unknown_name(key, table[key], known, where=f"{where}.{name}.{key}")


def _check(own: Table, shipped: Table, known: Mapping[str, list[Any]], where: str) -> None:
    for key, item in own.items():
        if key in INHERITED:
            continue
        place, below = f"{where}.{key}", shipped.get(key)
        _check_kind(key, item, known.get(key, [{}]), place)
        if is_number(item):
            _bring_to_unit(item, [value["unit"] for value in known.get(key, ()) if is_number(value)], place)
            _check_error(key, item, known.get(key, []), place)
        for part in item if isinstance(item, list) else ():
            _check_kind(key, part, known.get(f"{key}[]", [""]), place)
        if isinstance(item, Mapping) and not is_number(item):
            _check(item, below if isinstance(below, Mapping) else {}, known, place)
            if below is None and (lacks := _lacks(item, shipped)):
                mend = f"write {lacks[0]} = ... there, as all shipped entries do{_choices(lacks[0], known)}"
                raise QwattError(f"the entry lacks {', '.join(lacks)}", where=place, mend=mend)


def _bring_to_unit(number: dict[str, Any], units: list[str], where: str) -> None:
    """Bring a number to a unit that shipped ones of its key have, as not all that read it convert."""
    if not units or number["unit"] in units:
        return
    own, scale = _measure(number["unit"])
    for unit in units:
        measure, shipped_scale = _measure(unit)
        if measure == own:
            amounts = {name: number[name] * scale / shipped_scale for name in AMOUNTS if name in number}
            number.update(amounts, unit=unit)
            return
    mend = f"write it in {' or '.join(dict.fromkeys(units))}"
    raise QwattError(f"the unit is {number['unit']!r}, which measures something else", where=where, mend=mend)


def _check_error(key: str, number: Table, known: list[Any], where: str) -> None:
    """Check that an error rate, such as `error_2q`, leaves something of what it is an error of."""
    rate = key.startswith("error_") and all(max(_amounts(value), default=0) < 1 for value in known)
    if rate and (most := max(_amounts(number))) >= 1:
        raise QwattError(f"{key} is {most:g}", where=where, mend="write a probability below 1")


def _measure(unit: str) -> tuple[tuple[str, str], float]:
    """Return what a unit or a rate measures, and its scale."""
    above, _, below = unit.partition("/")
    dimension, scale = unit_scale(above)
    return (dimension, below), scale


def _choices(key: str, known: Mapping[str, list[Any]]) -> str:
    """Return the texts that the shipped entries have under a key, where they are few."""
    texts = sorted({value for value in known[key] if isinstance(value, str)}) if key in known else []
    return f": {' | '.join(texts)}" if 1 < len(texts) <= _FEW else ""


def _lacks(item: Table, shipped: Table) -> list[str]:
    """Return the keys that all entries beside a new one have."""
    beside = [set(part) for part in shipped.values() if isinstance(part, Mapping) and not is_number(part)]
    shared = set.intersection(*beside) if len(beside) > 1 else set()
    return sorted(shared - set(item) - {*INHERITED})


def _check_kind(key: str, item: Any, known: list[Any], where: str) -> None:
    kind, kinds = _kind(item), {_kind(value) for value in known}
    if kind not in kinds and not (kind == "a whole number" and "a number" in kinds):
        if _amounts(item) and (units := {value["unit"]: 0 for value in known if is_number(value)}):
            mend = f'write {key} = {{ value = {item}, unit = "{next(iter(units))}" }}, or with another unit'
            raise QwattError(f"{key} has no unit", where=where, mend=mend)
        meant = " or ".join(sorted(kinds))
        raise QwattError(f"{key} is {kind}", where=where, mend=f"write {meant}, as shipped entries do")
    if not (amounts := _amounts(item)):
        return
    least = min((amount for value in known for amount in _amounts(value)), default=-math.inf)
    if min(amounts) < 0 <= least or (min(amounts) == 0 < least and not is_number(item)):
        mend = f"write {'0 or more' if is_number(item) else 'a number above 0'}"
        raise QwattError(f"{key} is {min(amounts):g}", where=where, mend=mend)


def _amounts(item: Any) -> list[float]:
    """Return a bare number, or those of a number's table."""
    if is_number(item):
        return [item[name] for name in AMOUNTS if name in item]
    return [item] if isinstance(item, int | float) and not isinstance(item, bool) else []


def _kind(value: Any) -> str:
    if is_number(value):
        return "a number with its unit"
    if isinstance(value, float) and not math.isfinite(value):
        return "no finite number"
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list"}
    return kinds.get(type(value), "a table" if isinstance(value, Mapping) else f"a {type(value).__name__}")


def _items(table: Table) -> Iterator[tuple[str, Any]]:
    """Yield the values of all keys, parts of lists under their key with brackets."""
    for key, item in table.items():
        yield key, item
        for part in item if isinstance(item, list) else ():
            yield f"{key}[]", part
            if isinstance(part, Mapping):
                yield from _items(part)
        if isinstance(item, Mapping) and not is_number(item):
            yield from _items(item)
