"""A search space as a user writes it: one small table a choice, in Python or in TOML.

optimiser = { choice = ["adam", "sgd"] }
width = { order = [16, 32, 64] }
layers = { int = [1, 4] }
dropout = { float = [0.0, 0.5], levels = 6 }
learning_rate = { log = [1e-4, 1e-1], levels = 7 }
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.toml import read_toml
from qwatt.stages.architecture.search.space import Choice, Space

LEVELS = 6
"""Values of a range where nobody says."""
MOST_POINTS = 100_000
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
    space = Space(tuple(_choice(str(name), entry, where) for name, entry in table.items()))
    if not 2 <= space.size <= MOST_POINTS:
        size = " x ".join(map(str, space.shape))
        what = f"the search space has {space.size:,} points ({size}); 2 to {MOST_POINTS:,} can be searched"
        raise QwattError(what, where=where, mend="give ranges fewer levels, or leave a choice out")
    return space


def _choice(name: str, entry: Any, where: str) -> Choice:
    place = f"{where}, choice {name}"
    if isinstance(entry, list | tuple):
        entry = {"choice": entry}
    forms = [form for form in _FORMS if isinstance(entry, Mapping) and form in entry]
    if len(forms) != 1:
        raise QwattError(f"{entry!r} is no choice", where=place, mend=_EXAMPLE)
    form = forms[0]
    strange = sorted(map(str, set(entry) - {form, "levels"}))
    if strange or (form in _LISTS and "levels" in entry):
        known = form if form in _LISTS else f"{form} and levels"
        raise QwattError(f"unknown key {(strange or ['levels'])[0]!r}", where=place, mend=f"known: {known}")
    if form in _LISTS:
        return Choice(name, _LISTS[form], _listed(entry[form], place))
    return Choice(name, form, _range(form, entry[form], entry.get("levels"), place))


def _listed(values: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(values, list | tuple) or len(values) < 2:
        raise QwattError(f"{values!r} is no list of two values or more", where=place, mend=_EXAMPLE)
    if any(value in values[:i] for i, value in enumerate(values)):
        raise QwattError(f"{list(values)!r} has a value twice", where=place, mend="give each value once")
    return tuple(values)


def _range(form: str, ends: Any, levels: Any, place: str) -> tuple[Any, ...]:
    low, high = _ends(form, ends, place)
    whole = form == "int"
    count = min(LEVELS, int(high - low) + 1) if whole and levels is None else levels or LEVELS
    if isinstance(count, bool) or not isinstance(count, int) or count < 2:
        raise QwattError(f"{levels!r} is no number of levels", where=place, mend="give a whole number from 2")
    if form == "log":
        return tuple(float(f"{value:.6g}") for value in np.geomspace(low, high, count))
    spread = np.linspace(low, high, count)
    if not whole:
        return tuple(float(f"{value:.12g}") for value in spread)
    return tuple(dict.fromkeys(round(value) for value in spread.tolist()))


def _ends(form: str, ends: Any, place: str) -> tuple[float, float]:
    """Return the lower and the upper end."""
    if not isinstance(ends, Sequence) or isinstance(ends, str) or len(ends) != 2:
        raise QwattError(f"{ends!r} is no range", where=place, mend="give its lower and its upper end")
    for number in ends:
        if not _is_number(number, whole=form == "int"):
            wanted = "a whole number" if form == "int" else "a finite number"
            raise QwattError(f"{number!r} is not {wanted}", where=place, mend=f"give {wanted} for both ends")
    low, high = ends
    if low >= high:
        raise QwattError(f"the range [{low}, {high}] does not ascend", where=place, mend="exchange its ends")
    if form == "log" and low <= 0:
        raise QwattError(
            f"a logarithm needs ends above 0, not {low}", where=place, mend="raise it, or use float"
        )
    return low, high


def _is_number(value: Any, whole: bool) -> bool:
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and not whole)):
        return False
    return math.isfinite(value)
