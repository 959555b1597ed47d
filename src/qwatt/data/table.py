"""Reads a user's table of numbers: its numeric columns, or one column of vectors, and a label."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.data.fields import NoTextFieldError
from qwatt.data.formats import open_rows
from qwatt.data.names import listed, shown
from qwatt.data.naming import split_source
from qwatt.data.report import ReadReport, announce

_NUMERIC_SHARE = 0.9
"""A column is numeric when so many of its filled cells are numbers."""
_MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "inf", "-inf"})
"""Cells that are not filled, however many there are; a column may spell others in letters, but few."""
_LOOKED_AT = 100
LARGEST = 1e150
"""Squares of larger numbers, and their sums, are not finite."""
_KEYS = ("id",)
_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Table:
    """A table of numbers, all fields in step.

    Args:
        columns: names of the numeric columns; of a column of vectors, its name and each value's number.
        values: shape (rows, columns), finite.
        is_vectors: whether the values are one column of vectors, whose entries belong together.
        ids: the row's own `id` where it is new, else its place.
        labels: the label as it stands in the file, or None.
        rows: all fields.
        places: where each row stands.
        report: what was read and skipped.
    """

    columns: tuple[str, ...]
    values: NDArray[np.float64]
    is_vectors: bool
    ids: list[str]
    labels: list[Any]
    rows: list[Mapping[str, Any]]
    places: list[str]
    report: ReadReport

    def __len__(self) -> int:
        return len(self.rows)

    def columns_named(self, names: Sequence[str], source: str) -> NDArray[np.float64]:
        """Return the columns of these names in their order, shape (rows, names).

        Raises:
            QwattError: one is missing.
        """
        missing = [name for name in names if name not in self.columns]
        if missing:
            raise QwattError(
                f"no numeric column {missing[0]!r}, which is needed",
                where=source,
                mend=f"give a table with the columns {', '.join(names[:12])}",
            )
        return self.values[:, [self.columns.index(name) for name in names]]


def holds_numbers(source: str | Path) -> bool:
    """Return whether a source is a table of numbers and not of texts.

    It is not where it names a text column or has one called "text"; else it takes two columns of numbers, or
    one of vectors, among the first rows.

    Raises:
        QwattError: it cannot be read.
    """
    named = split_source(source)[1]
    if named.text is not None:
        return False
    rows = _first_rows(source)
    if any(name.strip() == "text" for row in rows for name in row):
        return False
    label = named.label or "label"
    return _vector_column(rows, label) is not None or len(_numeric_columns(rows, label)) > 1


def read_either(source: str, numbers: Callable[[str], _Found], texts: Callable[[str], _Found]) -> _Found:
    """Return what one reader finds in a table of numbers, or another in a source of texts.

    Raises:
        QwattError: as the readers; of one column of numbers beside others it says that a table has two.
    """
    if holds_numbers(source):
        return numbers(source)
    try:
        return texts(source)
    except NoTextFieldError as error:
        columns = _numeric_columns(_first_rows(source), split_source(source)[1].label or "label")
        if not columns:
            raise
        only = shown(columns[0], 60)
        rule = f"a table has two columns of numbers (3.5, not 3,5) or more, and this one {only} alone"
        raise QwattError(error.what, where=error.where, mend=f"{error.mend}; {rule}") from error


def read_table(source: str | Path) -> Table:
    """Read the numeric columns of a .csv, .tsv, .jsonl or .parquet file; "path#,label" names the label.

    Columns called `id` or as the label are no data; other columns are left out with a note. Rows without a
    number in a numeric column are counted and left out.

    Raises:
        QwattError: nothing there, a broken file, no numeric column, no row left, no such label, or a number
            beyond `LARGEST`; names its row and column.
    """
    path, named = split_source(source)
    report = ReadReport(shown(str(source)))
    announce(report)
    places, rows = [], []
    for place, row in open_rows(path, report):
        places.append(place)
        rows.append(row)
    label = _label_column(rows, named.label, path)
    vector = _vector_column(rows, label)
    columns = [] if vector else _numeric_columns(rows, label)
    if vector is None and not columns:
        raise _no_numbers(rows, path)
    found = [_vector(row.get(vector)) if vector else _numbers(row, columns) for row in rows]
    length = next((len(values) for values in found if values is not None), 0)
    kept = []
    for i, values in enumerate(found):
        if values is None or len(values) != length:
            report.skip(_reason(rows[i], columns, vector, length), places[i])
        else:
            kept.append(i)
    if not kept:
        raise QwattError(f"no row is left to use ({report})", where=shown(str(path)), mend="fill its numbers")
    report.documents = len(kept)
    _tell(rows, columns, vector, label, report)
    names = tuple(f"{vector}.{n}" for n in range(length)) if vector else tuple(columns)
    array = np.array([found[i] for i in kept], dtype=np.float64)
    some = [rows[i] for i in kept]
    where = [places[i] for i in kept]
    _refuse_large(names, array, where)
    ids = _ids(some, where)
    return Table(names, array, vector is not None, ids, [row.get(label) for row in some], some, where, report)


def _first_rows(source: str | Path) -> list[Mapping[str, Any]]:
    path = split_source(source)[0]
    return [row for _, row in islice(open_rows(path, ReadReport(shown(str(source)))), _LOOKED_AT)]


def _refuse_large(names: Sequence[str], values: NDArray[np.float64], places: Sequence[str]) -> None:
    large = np.argwhere(np.abs(values) > LARGEST)
    if len(large):
        row, column = large[0].tolist()
        name, mend = (
            shown(names[column], 60),
            "mend it, change the column's unit, or leave the row out",
        )
        what = f"the number {values[row, column]:g} of the column {name!r} is beyond {LARGEST:g}"
        raise QwattError(what, where=places[row], mend=mend)


def number(value: Any) -> float | None:
    """Return a cell as a finite number, or None."""
    if value is None or isinstance(value, bytes | list | tuple | dict):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _label_column(rows: Sequence[Mapping[str, Any]], named: str | None, path: Path) -> str:
    wanted = named or "label"
    fields = {name.strip(): name for row in rows[:1] for name in row}
    if named is not None and wanted not in fields:
        raise QwattError(
            f"no column {shown(wanted, 60)!r}",
            where=shown(str(path)),
            mend=f"name one of the columns for the label: {listed(fields.values())}",
        )
    return fields.get(wanted, wanted)


def _candidates(rows: Sequence[Mapping[str, Any]], label: str) -> list[str]:
    names = dict.fromkeys(name for row in rows for name in row)
    return [name for name in names if name.strip() not in (*_KEYS, label.strip())]


def _vector_column(rows: Sequence[Mapping[str, Any]], label: str) -> str | None:
    """Return the first column whose cells are lists of numbers."""
    some = rows[:_LOOKED_AT]
    for name in _candidates(some, label):
        cells = [row[name] for row in some if row.get(name) is not None]
        if cells and all(_vector(cell) is not None for cell in cells):
            return name
    return None


def _numeric_columns(rows: Sequence[Mapping[str, Any]], label: str) -> list[str]:
    found = []
    for name in _candidates(rows, label):
        cells = [row.get(name) for row in rows]
        filled = [cell for cell in cells if cell is not None and str(cell).strip().casefold() not in _MISSING]
        numbers = sum(number(cell) is not None for cell in filled)
        if filled and numbers >= _NUMERIC_SHARE * len(filled):
            found.append(name)
    return found


def _vector(cell: Any) -> list[float] | None:
    if not isinstance(cell, list | tuple | np.ndarray) or len(cell) < 2:
        return None
    found = [number(value) for value in cell]
    return None if any(value is None for value in found) else [value for value in found if value is not None]


def _numbers(row: Mapping[str, Any], columns: Sequence[str]) -> list[float] | None:
    found = [number(row.get(name)) for name in columns]
    return None if any(value is None for value in found) else [value for value in found if value is not None]


def _reason(row: Mapping[str, Any], columns: Sequence[str], vector: str | None, length: int) -> str:
    if vector is not None:
        return f"no vector of {length} numbers in {shown(vector, 60)!r}"
    missing = next(name for name in columns if number(row.get(name)) is None)
    return f"no number in {shown(missing, 60)!r}"


def _ids(rows: Sequence[Mapping[str, Any]], places: Sequence[str]) -> list[str]:
    ids: list[str] = []
    seen: set[str] = set()
    for row, place in zip(rows, places, strict=True):
        own = row.get("id")
        name = place if own is None or not str(own).strip() or str(own) in seen else str(own)
        seen.add(name)
        ids.append(name)
    return ids


def _tell(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    vector: str | None,
    label: str,
    report: ReadReport,
) -> None:
    if vector is not None:
        report.note(f"the vectors are read from the column {shown(vector, 60)}")
        return
    left = [name for name in _candidates(rows, label) if name not in columns]
    if left:
        report.note(f"columns without numbers are left out: {listed(left, 5)}")


def _no_numbers(rows: Sequence[Mapping[str, Any]], path: Path) -> QwattError:
    fields = dict.fromkeys(name for row in rows[:_LOOKED_AT] for name in row)
    has = f"; its columns are {listed(fields)}" if fields else ", it has no row"
    return QwattError(
        f"no column of numbers{has}",
        where=shown(str(path)),
        mend="give a table with numeric columns, or one with texts in a column called text",
    )
