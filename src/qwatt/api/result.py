"""What every function of the Python interface returns: rows, a frame, a table for notebooks, JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from qwatt.core.secrets import scrubbed

if TYPE_CHECKING:
    from qwatt.api.figure import Figure

Row = Mapping[str, Any]
"""One line of a table: plain numbers and text by column; None is unknown."""

_MOST_ROWS = 60


class Result(ABC):
    """A result: its title, its rows, and what the verb of the same name prints with `--json`."""

    @property
    @abstractmethod
    def title(self) -> str:
        """One line that says what this is."""

    @abstractmethod
    def rows(self) -> Sequence[Row]:
        """Return the table, a mapping a row."""

    @abstractmethod
    def to_dict(self) -> Any:
        """Return what the verb of the same name prints with `--json`."""

    def frame(self, library: str | None = None) -> Any:
        """Return the rows as a data frame.

        Args:
            library: "pandas" or "polars"; else the first of them that is installed.

        Raises:
            QwattError: it is not installed; the mend is the install line.
        """
        from qwatt.api.frames import to_frame

        return to_frame(self.rows(), library)

    def figure(self) -> Figure | None:
        """Return the picture, or None where there is none."""
        return None

    def __repr__(self) -> str:
        return scrubbed(f"<{type(self).__name__}: {self.title}>")

    def _repr_html_(self) -> str:
        """Return title, table and picture for a notebook; every text is escaped."""
        rows = self.rows()
        shown = rows[:_MOST_ROWS]
        columns = list(dict.fromkeys(name for row in shown for name in row))
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell(row.get(name)))}</td>" for name in columns) + "</tr>"
            for row in shown
        )
        left = len(rows) - len(shown)
        more = f"<p>{left} more rows; .frame() has them all</p>" if left else ""
        picture = self.figure()
        drawn = f"<div>{picture.svg}</div>" if picture else ""
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return scrubbed(f"<p><b>{escape(self.title)}</b></p>{table}{more}") + drawn


def cell(value: Any) -> str:
    """Write one value for people: four digits, unknown as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
