"""Tables for the terminal that keep words whole: columns are dropped, never broken."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qwatt.core.printable import one_line, printable

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 140
"""Columns of output that is not a terminal: a log or a pipe."""
_GAP = 3
_LONGEST_WORD = 28


def console() -> Console:
    """Return a console on stdout, as wide as the terminal, else as `COLUMNS` says, else `PIPED_WIDTH`."""
    from qwatt.report.console import PlainConsole

    asked = os.environ.get("COLUMNS", "")
    known = sys.stdout.isatty() or (asked.isdecimal() and int(asked) > 0)
    return PlainConsole(width=None if known else PIPED_WIDTH)


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    drop: Sequence[str] = (),
    whole: Sequence[str] = (),
    styles: Sequence[str] = (),
    out: Console | None = None,
) -> list[str]:
    """Print a table and return the columns that found no room.

    Args:
        title: a line above it.
        columns: names; the first column is never wrapped and never dropped.
        rows: one cell a column; numbers are right-aligned, None is empty, nothing is read as markup.
        drop: columns to leave out first when the terminal is narrow; then the last ones go.
        whole: further columns that are not wrapped.
        styles: a rich style a row.
        out: where to print.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = out or console()
    texts = [["" if cell is None else printable(str(cell)) for cell in row] for row in rows]
    least, most = _widths(columns, texts, {columns[0], *whole})
    shown = _fitting(columns, least, out.width, drop)
    width = dict(zip(shown, _share(least, most, shown, out.width), strict=True))
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, header_style="bold")
    for i in shown:
        numeric = bool(rows) and all(_is_number(row[i]) for row in rows)
        table.add_column(
            Text(columns[i]), justify="right" if numeric else "left", width=width[i], overflow="fold"
        )
    for index, row in enumerate(texts):
        table.add_row(*(Text(row[i]) for i in shown), style=styles[index] if styles else None)
    out.print(one_line(title), style="italic")
    out.print(table)
    return [name for i, name in enumerate(columns) if i not in shown]


def _is_number(cell: Any) -> bool:
    return cell is None or (isinstance(cell, int | float) and not isinstance(cell, bool))


def _widths(columns: Sequence[str], rows: list[list[str]], whole: set[str]) -> tuple[list[int], list[int]]:
    """Return by column the width that breaks no word of usual length, and the one without wrapping."""
    from rich.cells import cell_len

    least, most = [], []
    for i, name in enumerate(columns):
        cells = [name, *(row[i] for row in rows)]
        words = [word for cell in cells for word in re.split(r"[ \n\t]+", cell)] or [""]
        most.append(max(cell_len(line) for cell in cells for line in cell.split("\n")))
        least.append(most[i] if name in whole else min(_LONGEST_WORD, max(map(cell_len, words))))
    return least, most


def _fitting(columns: Sequence[str], least: list[int], room: int, drop: Sequence[str]) -> list[int]:
    """Return the columns to show; the first is always among them."""
    shown = list(range(len(columns)))
    order = [columns.index(name) for name in drop if name in columns] + list(reversed(shown))
    for i in order:
        if sum(least[j] + _GAP for j in shown) - _GAP <= room or len(shown) == 1:
            break
        if i in shown and i != 0:
            shown.remove(i)
    return shown


def _share(least: list[int], most: list[int], shown: list[int], room: int) -> list[int]:
    """Give every shown column its least width, and what is left to those that still wrap, evenly."""
    widths = {i: min(least[i], max(room, 1)) for i in shown}
    spare = room - sum(width + _GAP for width in widths.values()) + _GAP
    while spare > 0:
        wanting = [i for i in shown if widths[i] < most[i]]
        if not wanting:
            break
        narrowest = min(wanting, key=lambda i: widths[i])
        widths[narrowest] += 1
        spare -= 1
    return [widths[i] for i in shown]
