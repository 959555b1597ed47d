"""A search space as a user writes it: one small table a choice, in Python or in TOML.

optimiser = { choice = ["adam", "sgd"] }
width = { order = [16, 32, 64] }
layers = { int = [1, 4] }
dropout = { float = [0.0, 0.5], levels = 6 }
learning_rate = { log = [1e-4, 1e-1], levels = 7 }
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from itertools import combinations
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.toml import read_toml
from qwatt.data.names import shown
from qwatt.stages.architecture.search.space import Choice, Space

LEVELS = 6
"""Values of a range where nobody says."""
MOST_POINTS = 100_000
MOST_WHOLE = 2**53
"""Up to here whole numbers are exact where a range is divided."""
_FORMS = ("choice", "order", "int", "float", "log")
_LISTS = {"choice": "categorical", "order": "ordered"}
_EXAMPLE = (
    'write it as {choice = ["a", "b"]}, {order = [16, 32, 64]}, {int = [1, 8]}, {float = [0, 1]} or '
    "{log = [1e-4, 1e-1]}"
)


def read_space(path: Path) -> Space:
    """Read a space from the table [space] of a TOML file, or from the whole file where it has none.

    Raises:
        QwattError: the file cannot be read, or a choice is none.
    """
    table, _ = read_toml(path, "give a TOML file with one line for each choice")
    return declared_space(table.get("space", table), str(path))


def declared_space(table: Any, where: str) -> Space:
    """Return the space that a table declares.

    Args:
        table: by name of a choice its declaration.
        where: file or function that it is from.

    Raises:
        QwattError: a declaration is wrong; names the choice and the mend.
    """
    if not isinstance(table, Mapping) or not table:
        what = "the search space has no choices" if table == {} else "the search space is no table"
        raise QwattError(what, where=where, mend=f"give one entry for each choice: {_EXAMPLE}")
    space = Space(tuple(_choice(name, entry, where) for name, entry in table.items()))
    if not 2 <= space.size <= MOST_POINTS:
        size = " x ".join(map(str, space.shape))
        what = f"the search space has {space.size:,} points ({size}); 2 to {MOST_POINTS:,} can be searched"
        raise QwattError(what, where=where, mend="give ranges fewer levels, or leave a choice out")
    return space


def _choice(name: Any, entry: Any, where: str) -> Choice:
    place = f"{where}, choice {name}"
    if not isinstance(name, str) or not name:
        raise QwattError(f"{name!r} is no name of a choice", where=where, mend="name it by a text")
    if _list(entry) is not None:
        entry = {"choice": entry}
    forms = [form for form in _FORMS if isinstance(entry, Mapping) and form in entry]
    if len(forms) != 1:
        raise QwattError(f"{_told(entry)} is no choice", where=place, mend=_EXAMPLE)
    form = forms[0]
    strange = sorted(map(str, set(entry) - {form, "levels"}))
    if strange or (form in _LISTS and "levels" in entry):
        known = form if form in _LISTS else f"{form} and levels"
        raise QwattError(f"unknown key {(strange or ['levels'])[0]!r}", where=place, mend=f"known: {known}")
    if form in _LISTS:
        return Choice(name, _LISTS[form], _listed(entry[form], place))
    return Choice(name, form, _range(form, entry[form], entry.get("levels"), place))


def _list(value: Any) -> list[Any] | None:
    """Return the values of a list, a tuple, a range or an array; None for what is none of them."""
    if isinstance(value, np.ndarray):
        return list(value.tolist()) if value.ndim == 1 else None
    return list(value) if isinstance(value, list | tuple | range) else None


def _told(value: Any) -> str:
    return shown(repr(value))


def _listed(values: Any, place: str) -> tuple[Any, ...]:
    found = _list(values)
    if found is None or len(found) < 2:
        raise QwattError(f"{_told(values)} is no list of two values or more", where=place, mend=_EXAMPLE)
    if _repeats(found):
        raise QwattError(f"{_told(found)} has a value twice", where=place, mend="give each value once")
    return tuple(found)


def _repeats(values: list[Any]) -> bool:
    try:
        return len(set(values)) < len(values)
    except TypeError:  # lists, tables and arrays have no hash
        return any(_same(first, second) for first, second in combinations(values, 2))


def _same(first: Any, second: Any) -> bool:
    if not isinstance(first, np.ndarray) and not isinstance(second, np.ndarray):
        try:
            return bool(first == second)
        except ValueError:  # arrays stand within
            pass
    return np.array_equal(first, second)


def _range(form: str, ends: Any, levels: Any, place: str) -> tuple[Any, ...]:
    low, high = _ends(form, ends, place)
    count = _count(levels, place)
    if form == "int":
        count = min(count, int(high - low) + 1)
    if count > MOST_POINTS:
        what = f"the search space has {count:,} points or more; {MOST_POINTS:,} can be searched"
        raise QwattError(what, where=place, mend="give the range fewer levels")
    spread = (np.geomspace if form == "log" else np.linspace)(low, high, count).tolist()
    digits = 6 if form == "log" else 12
    rounded = [round(value) if form == "int" else float(f"{value:.{digits}g}") for value in spread]
    values = tuple(dict.fromkeys(rounded))
    if len(values) < 2:
        what = f"the range [{low}, {high}] is too narrow for two values"
        raise QwattError(what, where=place, mend="widen it, or list the values by order")
    return values


def _count(levels: Any, place: str) -> int:
    """Return how many levels are asked for."""
    if levels is None:
        return LEVELS
    if isinstance(levels, bool) or not isinstance(levels, Integral) or int(levels) < 2:
        what = f"{_told(levels)} is no number of levels"
        raise QwattError(what, where=place, mend="give a whole number from 2")
    return int(levels)


def _ends(form: str, ends: Any, place: str) -> tuple[float, float]:
    """Return the lower and the upper end."""
    found = _list(ends)
    if found is None or len(found) != 2:
        raise QwattError(f"{_told(ends)} is no range", where=place, mend="give its lower and its upper end")
    low, high = (_number(end, form == "int", place) for end in found)
    if low >= high:
        raise QwattError(f"the range [{low}, {high}] does not ascend", where=place, mend="exchange its ends")
    if form == "log" and low <= 0:
        raise QwattError(
            f"a logarithm needs ends above 0, not {low}", where=place, mend="raise it, or use float"
        )
    if not math.isfinite(high - low):
        raise QwattError(f"the range [{low}, {high}] is too wide", where=place, mend="use log, or narrow it")
    return low, high


def _number(value: Any, whole: bool, place: str) -> float:
    """Return an end of a range as Python's own number."""
    size: Any = abs(value) if not isinstance(value, bool) and isinstance(value, Real) else math.inf
    if isinstance(value, Integral) and size <= MOST_WHOLE:
        return int(value)
    if not whole and size <= sys.float_info.max:
        return float(value)
    wanted = "a whole number within 2^53" if whole else "a finite number"
    raise QwattError(f"{_told(value)} is not {wanted}", where=place, mend=f"give {wanted} for both ends")
