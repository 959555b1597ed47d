"""A size: a rung of a task's ladder, and what the user changes of it, as in "s,per_class=16"."""

from __future__ import annotations

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
            if name not in parameters:
                raise unknown_name(f"parameter of size {rung}", name, parameters, where="size")
            if name in changed:
                what, mend = f"{name} is given twice", "leave one of them away"
                raise QwattError(what, where="size", mend=mend)
            changed.add(name)
            likes = [own[name] for own in self._rungs.values() if own.get(name) is not None]
            parameters[name] = _read(name, value, likes)
        return parameters

    def __contains__(self, size: object) -> bool:
        return isinstance(size, str) and rung_of(size) in self._rungs

    def __iter__(self) -> Iterator[str]:
        return iter(self._rungs)

    def __len__(self) -> int:
        return len(self._rungs)


def _read(name: str, text: str, likes: list[Any]) -> Any:
    """Read a value of the kind that the ladder's own have."""
    value: Any = _WORDS.get(text.lower(), text)
    for kind in (int, float):
        if value is text:
            try:
                value = kind(text)
            except ValueError:
                continue
    if value is None or any(_alike(value, like) for like in likes):
        return value
    example = f"as in {name}={likes[0]}" if likes else "none"
    raise QwattError(f"{name} cannot be {text!r}", where="size", mend=f"give a value {example}")


def _alike(value: Any, like: Any) -> bool:
    if isinstance(value, bool) or isinstance(like, bool):
        return type(value) is type(like)
    if isinstance(like, int | float):
        return isinstance(value, int | float if isinstance(like, float) else int) and 0 <= value < math.inf
    return isinstance(value, type(like))


def _example(parameters: Mapping[str, Any]) -> str:
    return next((f"{name}={value}" for name, value in parameters.items()), "NAME=VALUE")
