"""Reads a backend's argument, `head?key=value&key=value`."""

from __future__ import annotations

from collections.abc import Iterable

from qwatt.core.errors import QwattError, unknown_name


def read_spec(argument: str | None, known: Iterable[str] | None, where: str) -> tuple[str, dict[str, str]]:
    """Split a backend's argument into its head and its options.

    Args:
        argument: what follows the backend's name and colon, or None.
        known: options that the backend has, or None when any is passed on.
        where: the backend's name, for errors.

    Raises:
        QwattError: an option without "=", or one that the backend does not have.
    """
    head, _, tail = (argument or "").partition("?")
    options: dict[str, str] = {}
    for part in filter(None, tail.split("&")):
        key, equals, value = part.partition("=")
        if not equals:
            raise QwattError(f"option {key!r} has no value", where=where, mend=f"write {key}=VALUE")
        if known is not None and key not in known:
            raise unknown_name("option", key, known, where=where)
        options[key] = value
    return head, options
