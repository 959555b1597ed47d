"""Lines of a delimited table, as they come after a reference that is one."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.names import listed
from qwatt.stages.monitoring.drift.watch.row import BadRowError


@dataclass(frozen=True)
class TableLine:
    """How a line is told into cells.

    Args:
        columns: names, in the order of the reference's.
        delimiter: between cells.
    """

    columns: tuple[str, ...]
    delimiter: str

    def row(self, text: str) -> dict[str, str]:
        """Return a line's cells by name; empty ones beyond them do no harm, as in the reference.

        Raises:
            BadRowError: it has another number of cells, or a quote is not closed.
        """
        cells = self._cells(text)
        if len(cells) < len(self.columns) or any(cells[len(self.columns) :]):
            raise BadRowError(f"not {len(self.columns)} cells, as the reference has")
        return dict(zip(self.columns, cells, strict=False))

    def is_header(self, text: str) -> bool:
        """Return whether a line holds the names of the columns.

        Raises:
            QwattError: it holds them in another order, so that no further line means what it seems to.
        """
        try:
            names = tuple(cell.strip() for cell in self._cells(text.removeprefix("\ufeff")))
        except BadRowError:
            return False
        if names == self.columns:
            return True
        if len(names) > 1 and sorted(names) == sorted(self.columns):
            what = f"its columns are in another order than the reference's: {listed(names, 8)}"
            mend = f"give them as {listed(self.columns, 8)}"
            raise QwattError(what, where="standard input", mend=mend)
        return False

    def _cells(self, text: str) -> list[str]:
        try:
            return next(csv.reader([text], delimiter=self.delimiter, strict=True), [])
        except csv.Error:
            raise BadRowError("a quote is not closed, or not doubled") from None


def as_number(cell: Any) -> Any:
    """Return a cell of a table as a number where it is one."""
    try:
        return float(cell)
    except (TypeError, ValueError):
        return cell
