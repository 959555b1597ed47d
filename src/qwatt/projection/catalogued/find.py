"""Finds a catalogue table by id or alias."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import unknown_name


@cache
def tables(name: str) -> dict[str, dict[str, Any]]:
    """Return the tables of a catalogue by id, without inherited keys; not to be changed."""
    return {key: dict(table) for key, table in catalogue.load(name).items() if isinstance(table, Mapping)}


def find(
    kind: str, name: str, catalogue_name: str, *, where: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Return id and table for an id or one of its aliases, in any case.

    Raises:
        QwattError: no such entry; names the nearest ones.
    """
    known = tables(catalogue_name)
    wanted = str(name).strip().lower().replace("_", "-").replace(" ", "-")
    for key, table in known.items():
        if wanted in (key, *(alias.replace(" ", "-") for alias in table.get("aliases", ()))):
            return key, table
    names = {alias for key, table in known.items() for alias in (key, *table.get("aliases", ()))}
    raise unknown_name(kind, wanted, names, where=where or kind)


def constant(group: str, name: str) -> Mapping[str, Any]:
    """Return one number of `catalogue/llm.toml`."""
    entry: Mapping[str, Any] = tables("llm")[group][name]
    return entry


def record_of(name: str) -> dict[str, Any]:
    """Return one published record of `catalogue/llm_records.toml`."""
    records: list[dict[str, Any]] = catalogue.load("llm_records")["record"]
    return next(record for record in records if record["id"] == name)
