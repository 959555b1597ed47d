"""What a run found, said first in the terminal: a sentence or two a task, and something to look at."""

from __future__ import annotations

from collections.abc import Sequence

from qwatt.core.headline import Headline
from qwatt.core.printable import one_line
from qwatt.data.names import shown
from qwatt.report.result import Result
from qwatt.report.table import console, print_table

_LONGEST_NAME = 60


def print_results(results: Sequence[Result]) -> None:
    """Print every result; where there are several, each of their first lines names its task."""
    for result in results:
        task = f"{result.comparison.task}: " if len(results) > 1 else ""
        _print(result, task)


def _print(result: Result, task: str) -> None:
    from rich.text import Text

    out, said = console(), result.headline
    lines = [*((line, "bold yellow") for line in said.warnings), *((line, "") for line in said.facts)]
    lines[0] = task + lines[0][0], lines[0][1] or "bold"
    for line, style in [*lines, (result.origin, "")]:
        out.print(Text(one_line(line), style=style), soft_wrap=True)
    if said.examples:
        out.print()
        _print_examples(said)
    out.print()


def _print_examples(said: Headline) -> None:
    rows = [
        [pair.caption, *(f"{shown(name, _LONGEST_NAME)}\n{text}" for name, text in (pair.left, pair.right))]
        for pair in said.examples
    ]
    print_table(f"To look at, {said.look}:", ["", *said.sides], rows)
