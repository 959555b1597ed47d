"""Writing to the terminal: JSON alone on stdout, or tables for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qwatt.core.json_text import json_text
from qwatt.core.printable import printable

if TYPE_CHECKING:
    from rich.console import Console


def print_json(value: Any) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json_text(value))


def say(text: str, *, to_stderr: bool = False) -> None:
    """Write a line for people; what would act on the terminal is escaped."""
    (sys.stderr if to_stderr else sys.stdout).write(printable(text) + "\n")


def console() -> Console:
    """Return a console on stdout."""
    from qwatt.report.table import console as make

    return make()


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; what a narrow terminal has no room for is named below it."""
    from qwatt.report.table import print_table as print_fitting

    words = [[_word(cell) for cell in row] for row in rows]
    hidden = print_fitting(title, columns, words)
    if hidden:
        console().print(
            f"no room for: {', '.join(hidden)} (a wider terminal or --json shows them)",
            style="dim",
        )


def _word(cell: Any) -> Any:
    return {True: "yes", False: "no"}[cell] if isinstance(cell, bool) else cell
