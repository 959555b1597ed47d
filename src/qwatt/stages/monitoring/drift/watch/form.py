"""What a row is: a text, numbers or a vector; and how one is got out of a line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.data.names import listed, shown
from qwatt.data.table import LARGEST
from qwatt.stages.monitoring.drift.watch.row import BadRowError
from qwatt.stages.monitoring.drift.watch.table_line import TableLine, as_number

Values = Sequence[str] | NDArray[np.float64]
"""Rows of one form: texts, or numbers of shape (rows, numbers)."""

VECTOR_FIELDS = ("embedding", "vector")
_NUMBER = (int, float)
_NUMBERS_IN_TEXT = re.compile(r"\b(?:0x)?[0-9A-Fa-f]*[0-9][0-9A-Fa-f]*\b|[0-9]+")
"""Decimal and hexadecimal ones."""
_OBJECT = re.compile(r"\{\s*[\"}]")
"""How a JSON object begins, and a text in braces does not."""


@dataclass(frozen=True)
class Form:
    """What rows hold.

    Args:
        kind: "text", "numbers" or "vector".
        fields: that it is read from; none where a line is the value itself.
        width: numbers of a row, 0 for texts.
        plain: whether a line is a text as it stands, not JSON.
        masked: whether all numbers in texts count as one.
        table: how lines that are no JSON are told into cells, after a reference that is a table.
    """

    kind: str
    fields: tuple[str, ...] = ()
    width: int = 0
    plain: bool = False
    masked: bool = False
    table: TableLine | None = None

    def is_header(self, line: bytes) -> bool:
        """Return whether a line holds a table's names of columns, which is no row.

        Raises:
            QwattError: the columns are in another order than the reference's.
        """
        return self.table is not None and self.table.is_header(line.decode("utf-8", "replace"))

    def parse(self, line: bytes) -> Any:
        """Return the value of one line: a text, or a list of numbers.

        Raises:
            BadRowError: it cannot be used; says why.
        """
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            raise BadRowError("not UTF-8") from None
        if self.plain:
            return self._seen(_text(text))
        if self.table and not _OBJECT.match(text):
            cells = self.table.row(text)
            return self.value(cells if self.kind == "text" else _numeric(cells, self.fields))
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            raise BadRowError("not JSON") from None
        return self.value(row)

    def value(self, row: Any) -> Any:
        """Return the value of one row as it was read, checked.

        Raises:
            BadRowError: it cannot be used; says why.
        """
        if self.fields and not isinstance(row, Mapping):
            raise BadRowError("no JSON object")
        if missing := [field for field in self.fields if field not in row]:
            raise BadRowError(f"no field {shown(missing[0], 60)!r}")
        if self.kind == "text":
            return self._seen(_text(row[self.fields[0]] if self.fields else row))
        if self.kind == "vector":
            numbers = row[self.fields[0]] if self.fields else row
        else:
            numbers = [row[field] for field in self.fields] if self.fields else [row]
        return _numbers(numbers, self.width)

    def _seen(self, text: str) -> str:
        return _NUMBERS_IN_TEXT.sub("0", text) if self.masked else text

    def gather(self, values: Sequence[Any]) -> Values:
        """Return checked values as what detectors take."""
        return list(values) if self.kind == "text" else np.array(values, dtype=np.float64)

    def said(self) -> str:
        """Say what is read, for people."""
        source = f" of the field{'s' * (len(self.fields) > 1)} {listed(self.fields)}" if self.fields else ""
        texts = "texts less their numbers" if self.masked else "texts"
        what = {"text": texts, "vector": f"vectors of {self.width} numbers"}.get(self.kind, "numbers")
        return f"{what}{source}"


def _numeric(cells: Mapping[str, str], fields: Sequence[str]) -> dict[str, Any]:
    """Return the fields that are watched, as numbers where they are."""
    return {name: as_number(cells[name]) for name in fields}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadRowError("not a text")
    if not value or value.isspace():
        raise BadRowError("empty")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadRowError("not Unicode (a lone surrogate)") from None
    return value


def _numbers(values: Any, width: int) -> list[float]:
    if not isinstance(values, list):
        raise BadRowError("not a list of numbers")
    if len(values) != width:
        raise BadRowError(f"not {width} numbers")
    for value in values:
        if isinstance(value, bool) or not isinstance(value, _NUMBER):
            raise BadRowError("not a number")
        if not abs(value) <= LARGEST:
            raise BadRowError(f"not finite, or beyond {LARGEST:g}")
    return values


def find_form(row: Any, field: str, where: str) -> Form:
    """Return the form of a reference's first row.

    Args:
        row: as it was read: an object, a list of numbers, a number or a text.
        field: that the user named; several, with commas between them, are numbers; "" for none.
        where: the row's place, for errors.

    Raises:
        QwattError: nothing in it can be watched, or not the named field.
    """
    if not isinstance(row, Mapping):
        return _form_of(row, (), where)
    names = tuple(part.strip() for part in field.split(",")) if field else _fields(row)
    if missing := [name for name in names if name not in row]:
        mend = f"name fields that are there: {listed(row)}"
        raise QwattError(f"no field {shown(missing[0], 60)!r}", where=where, mend=mend)
    if not names:
        mend = f"name one of its fields after the path, as in FILE#field: {listed(row) or 'there is none'}"
        raise QwattError("no field can be watched: no text, numbers or embedding", where=where, mend=mend)
    numeric = [_is_number(row[name]) for name in names]
    return Form("numbers", names, len(names)) if all(numeric) else _form_of(row[names[0]], names, where)


def _fields(row: Mapping[str, Any]) -> tuple[str, ...]:
    for name in ("text", *VECTOR_FIELDS, "score"):
        if name in row:
            return (name,)
    return tuple(name for name, value in row.items() if name != "id" and _is_number(value))


def _form_of(value: Any, names: tuple[str, ...], where: str) -> Form:
    if len(names) > 1:
        raise QwattError("several fields are watched together as numbers alone", where=where)
    if isinstance(value, str):
        return Form("text", names)
    if isinstance(value, list) and value and all(map(_is_number, value)):
        return Form("vector", names, len(value))
    if _is_number(value):
        return Form("numbers", names, 1)
    raise QwattError("neither a text, a number nor a list of numbers", where=where)


def _is_number(value: Any) -> bool:
    return isinstance(value, _NUMBER) and not isinstance(value, bool)
