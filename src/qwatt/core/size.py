"""A size: a rung of a task's ladder and what is changed of it, as in "s,per_class=16,budget.train=4096"."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

from qwatt.core.errors import QwattError, unknown_name

_WORDS = {"none": None, "true": True, "false": False}


def rung_of(size: str) -> str:
    """Return the rung that a size begins with."""
    return size.partition(",")[0]


class Ladder(Mapping[str, Mapping[str, Any]]):
    """A task's rungs, smallest first, by name; asked for "s,per_class=16" it gives rung s so changed.

    A parameter of several numbers, such as a budget, is changed by its fields: "s,budget.train=4096".

    Args:
        rungs: name to size parameters.
    """

    def __init__(self, rungs: Mapping[str, Mapping[str, Any]]) -> None:
        self._rungs = dict(rungs)

    def __getitem__(self, size: str) -> Mapping[str, Any]:
        """Return the parameters of a size.

        Raises:
            KeyError: no such rung.
            QwattError: a change names no parameter of the rung, one twice, or its value is of another kind.
        """
        rung, *changes = size.split(",")
        parameters, changed = dict(self._rungs[rung]), set()
        for change in changes:
            name, found, value = (part.strip() for part in change.partition("="))
            if not found:
                mend = f"write {rung},NAME=VALUE, as in {rung},{_example(parameters)}"
                raise QwattError(f"{change!r} changes nothing", where="size", mend=mend)
            known = _fields(parameters)
            if name not in known:
                raise unknown_name(f"parameter of size {rung}", name, known, where="size")
            if name in changed:
                what, mend = f"{name} is given twice", "leave one of them away"
                raise QwattError(what, where="size", mend=mend)
            changed.add(name)
            rungs = [_fields(own) for own in self._rungs.values()]
            likes = [own[name] for own in rungs if own.get(name) is not None]
            _put(parameters, name, _read(name, value, likes))
        return parameters

    def __contains__(self, size: object) -> bool:
        return isinstance(size, str) and rung_of(size) in self._rungs

    def __iter__(self) -> Iterator[str]:
        return iter(self._rungs)

    def __len__(self) -> int:
        return len(self._rungs)


def _fields(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be changed: parameters, and the fields of those that are records, after a dot."""
    found: dict[str, Any] = {}
    for name, value in parameters.items():
        own = vars(value) if dataclasses.is_dataclass(value) else value
        if isinstance(own, Mapping):
            found |= {f"{name}.{field}": number for field, number in own.items()}
        else:
            found[name] = value
    return found


def _put(parameters: dict[str, Any], name: str, value: Any) -> None:
    whole, _, field = name.partition(".")
    before, change = parameters[whole], {field: value}
    if not field:
        parameters[name] = value
    elif isinstance(before, Mapping):
        parameters[whole] = {**before, **change}
    else:
        parameters[whole] = dataclasses.replace(before, **change)


def _read(name: str, text: str, likes: list[Any]) -> Any:
    """Read a value of the kind that the ladder's own have."""
    value: Any = _WORDS.get(text.lower(), text)
    for kind in (int, float):
        if value is text:
            try:
                value = kind(text)
            except ValueError:
                continue
    likes = likes or [1]  # none on every rung: a limit that no rung sets
    if value is None or any(_alike(value, like) for like in likes):
        return value
    example = f"as in {name}={likes[0]}"
    raise QwattError(f"{name} cannot be {text!r}", where="size", mend=f"give a value {example}")


def _alike(value: Any, like: Any) -> bool:
    if isinstance(value, bool) or isinstance(like, bool):
        return type(value) is type(like)
    if isinstance(like, int | float):
        return isinstance(value, int | float if isinstance(like, float) else int) and 0 <= value < math.inf
    return isinstance(value, type(like))


def _example(parameters: Mapping[str, Any]) -> str:
    return next((f"{name}={value}" for name, value in parameters.items()), "NAME=VALUE")
