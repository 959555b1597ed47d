"""The window that is filled: the rows so far, and the lines they came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.stages.monitoring.drift.watch.fast import parse_numbers
from qwatt.stages.monitoring.drift.watch.form import Form, Values
from qwatt.stages.monitoring.drift.watch.lines import MOST_LINE_BYTES, TOO_LONG
from qwatt.stages.monitoring.drift.watch.row import BadRowError

_SHOWN_BYTES = 2_000
"""Of a bad row that are set aside."""


class FillingWindow:
    """Rows until there are as many as a window has.

    Args:
        form: of the rows.
        size: rows of a window.
        first_line: number of the line that it begins with.

    Attributes:
        lines: those of the good rows, so that the window can be filled anew.
        bad_rows: rows that could not be used.
    """

    def __init__(self, form: Form, size: int, first_line: int) -> None:
        self.lines: list[bytes] = []
        self.bad_rows = 0
        self.first_line = first_line
        self._size = size
        self._form = form
        self._parts: list[Any] = []

    @property
    def missing(self) -> int:
        """Rows that are still to come."""
        return self._size - len(self.lines)

    @property
    def values(self) -> Values:
        """All rows, once none is missing."""
        whole = len(self._parts) == 1 and hasattr(self._parts[0], "shape")
        return self._parts[0] if whole else self._form.gather(self._parts)

    def add(self, lines: Sequence[bytes], number: int) -> list[dict[str, Any]]:
        """Add lines, no more than rows are missing; return what is to be set aside of them.

        Args:
            lines: without their ends.
            number: of the first of them.

        Raises:
            QwattError: a table's columns are in another order than the reference's; none is added then.
        """
        if self._form.kind == "numbers" and (found := parse_numbers(lines, self._form)) is not None:
            self._parts += [found] if len(lines) == self._size else found.tolist()
            self.lines += lines
            return []
        every, before = (self._add(line, place) for place, line in enumerate(lines, number)), len(self.lines)
        try:
            bad = [found for found in every if found is not None]
        except QwattError:
            del self.lines[before:], self._parts[before:]
            raise
        self.bad_rows += len(bad)
        return bad

    def _add(self, line: bytes, number: int) -> dict[str, Any] | None:
        if not line or line.isspace() or self._form.is_header(line):
            return None
        try:
            if line is TOO_LONG:
                raise BadRowError(f"longer than {MOST_LINE_BYTES >> 20} MiB")
            self._parts.append(self._form.parse(line))
        except BadRowError as error:
            cut = line[:_SHOWN_BYTES]
            bad = {"line": number, "reason": str(error), "row": cut.decode("utf-8", "replace")}
            return bad | ({"cut": True} if len(line) > len(cut) else {})
        self.lines.append(line)
        return None
