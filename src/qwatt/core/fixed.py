"""Settings that the user fixes: what a study's [tasks.set] or `--set method.setting=value` says."""

from __future__ import annotations

import math
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.limits import check_limit
from qwatt.core.method import Method

Scalar = bool | int | float | str
Fixed = tuple[tuple[str, Scalar], ...]
"""Settings and their values, sorted by name; the tuner leaves them alone."""

SetTable = Mapping[str, Any]
"""A setting's value for every method that has it, or by method a table of values; the latter go first."""


def fixed_settings(method: type[Method[Any, Any]], table: SetTable) -> Fixed:
    """Return what a table fixes for one method.

    Raises:
        QwattError: the method does not have a setting that is fixed for it, or a value is of another type or
            outside what the method takes.
    """
    general = {name: value for name, value in table.items() if not isinstance(value, Mapping)}
    own = table.get(method.name, {})
    found = {name: value for name, value in general.items() if name in method.space}
    if isinstance(own, Mapping):
        found |= own
    return tuple((name, _checked(method, name, found[name])) for name in sorted(found))


def check_table(methods: Sequence[type[Method[Any, Any]]], table: SetTable) -> None:
    """Check that everything in a table belongs to one of the methods that run.

    Raises:
        QwattError: an unknown method or setting, or a value of another type.
    """
    spaces = {method.name: method.space for method in methods}
    for name, value in table.items():
        if not fits({name: value}, spaces):
            raise nowhere({name: value}, spaces)
    for method in methods:
        fixed_settings(method, table)


def fits(table: SetTable, spaces: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether some methods, given by their spaces, have the methods or settings of a table."""
    return any(
        name in spaces if isinstance(value, Mapping) else any(name in space for space in spaces.values())
        for name, value in table.items()
    )


def nowhere(table: SetTable, spaces: Mapping[str, Mapping[str, Any]]) -> QwattError:
    """Build the error for a table's first name that no method has."""
    name, value = next(iter(table.items()))
    if isinstance(value, Mapping):
        return unknown_name("method among those that run", name, spaces)
    return unknown_name("setting", name, {setting for space in spaces.values() for setting in space})


def merged(table: SetTable, newer: SetTable) -> dict[str, Any]:
    """Return a table with the newer one's values; a newer value for every method replaces those by method."""
    result = {name: dict(value) if isinstance(value, Mapping) else value for name, value in table.items()}
    for name, value in newer.items():
        if isinstance(value, Mapping):
            result[name] = {**result.get(name, {}), **value}
            continue
        for by_method in result.values():
            if isinstance(by_method, dict):
                by_method.pop(name, None)
        result[name] = value
    return {name: value for name, value in result.items() if value != {}}


def parse_assignments(texts: Sequence[str]) -> dict[str, Any]:
    """Return the table of `method.setting=value` and `setting=value` texts; the value as TOML, else text.

    Raises:
        QwattError: a text is no assignment.
    """
    table: dict[str, Any] = {}
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        method, dot, setting = key.rpartition(".")
        if not (equals and value and setting) or (dot and not method):
            mend = "write --set setting=value or --set method.setting=value"
            raise QwattError("not a setting and its value", where=f"--set {text}", mend=mend)
        inside = table.setdefault(method, {}) if method else table
        inside[setting] = _value(value)
    return table


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):  # a number of too many digits is a ValueError too
        return text


@contextmanager
def blamed(method: Method[Any, Any], fixed: Fixed) -> Iterator[None]:
    """Tell an error by a fixed value that the tuner would not try, as a user can mend it.

    Raises:
        QwattError: in place of another exception, where there is such a value.
    """
    try:
        yield
    except QwattError:
        raise
    except Exception as error:
        odd = {name: value for name, value in fixed if value not in method.space.get(name, (value,))}
        if not odd:
            raise
        given = ", ".join(f"{name}={value}" for name, value in odd.items())
        tried = "; ".join(f"{name}: {', '.join(map(str, method.space[name]))}" for name in odd)
        raise QwattError(
            f"{method.name} does not work with {given}: {type(error).__name__}: {error}",
            mend=f"give a value as the tuner tries them, {tried}",
        ) from error


def _checked(method: type[Method[Any, Any]], name: str, value: Any) -> Scalar:
    if name not in method.space:
        raise unknown_name(f"setting of {method.name}", name, method.space)
    candidates = method.space[name]
    types = {type(candidate) for candidate in candidates}
    wanted = " or ".join(sorted(_TYPES.get(kind, kind.__name__) for kind in types))
    if type(value) is int and int not in types and float in types and abs(value) <= sys.float_info.max:
        value = float(value)
    if type(value) not in types or not isinstance(value, Scalar) or _endless(value):
        raise _refused(method, name, value, wanted)
    try:
        check_limit(value, candidates, method.limits.get(name))
    except QwattError as error:
        if error.mend is None:
            raise _refused(method, name, value, error.what) from None
        raise
    return value


def _refused(method: type[Method[Any, Any]], name: str, value: Any, wanted: str) -> QwattError:
    tried = ", ".join(map(str, method.space[name]))
    return QwattError(
        f"{method.name} takes {wanted} for {name}, not {value!r}",
        mend=f"give {wanted}; the tuner tries {tried}; settings of {method.name}: {', '.join(method.space)}",
    )


def _endless(value: Scalar) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


_TYPES = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
