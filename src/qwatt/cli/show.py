"""`qwatt show`: one thing in full, with its sources; for a method also the formulas of its scaling."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from qwatt.cli import completion
from qwatt.cli.options import Json
from qwatt.cli.output import print_json, say

HELP = (
    "A task, method (also stage/task/name), QPU, accelerator, grid, model, data set, scenario or run folder."
)


def show(
    name: Annotated[str, typer.Argument(help=HELP, autocompletion=completion.things)], as_json: Json = False
) -> None:
    """Show everything that is known about one thing, with its sources."""
    from qwatt.cli.found import find

    record = find(name)
    if as_json:
        print_json(record)
    else:
        _print(record)


_WITH_INTERVALS = ("accelerator", "grid")
"""Whose three numbers are low, value and high."""


def _is_interval(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(isinstance(n, int | float) for n in value)


def _print(record: dict[str, Any], indent: str = "") -> None:
    for key, value in record.items():
        if value in ({}, "") or (key, value) == ("boundary", None):
            continue
        if isinstance(value, dict):
            say(f"{indent}{key}:")
            _print(value, indent + "  ")
        elif isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value):
            say(f"{indent}{key}:")
            for item in value:
                _print(item, indent + "  ")
                say("")
        elif record.get("what") in _WITH_INTERVALS and _is_interval(value):
            low, middle, high = map(_written, value)
            say(f"{indent}{key}: {middle}" + (f" ({low} to {high})" if low != high else ""))
        elif isinstance(value, list | tuple):
            say(f"{indent}{key}: {', '.join(map(_written, value)) or 'none'}")
        else:
            say(f"{indent}{key}: {_written(value)}")


def _written(value: Any) -> str:
    """Write a number as people do, with all its digits: 50,000,000, not 50000000.0."""
    if isinstance(value, float):
        return f"{value:,.15g}"
    return str(value)
