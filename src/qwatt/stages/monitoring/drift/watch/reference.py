"""The reference: rows of a file, a random sample of them where they are many, and their form."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.data.delimited import delimiter_of
from qwatt.data.formats import open_rows
from qwatt.data.names import shown
from qwatt.data.report import ReadReport
from qwatt.data.streams import Source
from qwatt.data.text import bounded_lines
from qwatt.stages.monitoring.drift.watch.form import Form, Values, find_form
from qwatt.stages.monitoring.drift.watch.row import BadRowError
from qwatt.stages.monitoring.drift.watch.table_line import TableLine, as_number

_PLAIN = (".txt", ".log")
_LINES = (".jsonl", *_PLAIN)
_CELLS = (".csv", ".tsv")
_PATIENCE = 100


@dataclass(frozen=True, eq=False)
class Reference:
    """Rows that are like what is to come.

    Args:
        form: of the rows, and of those that are watched.
        values: the rows, in random order.
        rows: that the file has, more than the values where it was sampled.
        skipped: rows that cannot be used, by reason.
        digest: of the values, so that a watch goes on with the reference it began with alone.
        left_out: fields of texts that are not watched as nobody named any, and numbers were found.
    """

    form: Form
    values: Values
    rows: int
    skipped: dict[str, int]
    digest: str
    left_out: tuple[str, ...] = ()


def read_reference(source: str, plain: bool, most: int, seed: int, masked: bool = False) -> Reference:
    """Read a reference.

    Args:
        source: a path; "FILE#name" names the field.
        plain: whether lines of text files are texts as they stand; those of a .txt or .log file always are.
        most: rows kept, chosen at random (Vitter 1985, algorithm R).
        seed: of the choice.
        masked: whether all numbers in texts count as one.

    Raises:
        QwattError: it cannot be read, no row can be watched, or rows are of several forms.
    """
    path, field = _named(source)
    rng = np.random.default_rng([seed, 0])
    form: Form | None = None
    kept: list[Any] = []
    skipped: Counter[str] = Counter()
    count = 0
    left_out: tuple[str, ...] = ()
    cells, plain = _suffix(path) in _CELLS, plain or _suffix(path) in _PLAIN
    for place, row in _rows(path, plain):
        if form is None:
            form = _first_form(_numeric(row) if cells else row, field, place, plain)
            form = replace(form, masked=masked, table=_table(path, row))
            left_out = () if field else _left_out(row, form)
        try:
            value = form.value(_numeric(row) if cells and form.kind != "text" else row)
        except BadRowError as error:
            skipped[str(error)] += 1
            if not count and skipped.total() > _PATIENCE:
                break
            continue
        count += 1
        if len(kept) < most:
            kept.append(value)
        elif (place_in := int(rng.integers(count))) < most:
            kept[place_in] = value
    if form is None or not kept:
        raise _no_row(skipped, source)
    values = [kept[i] for i in rng.permutation(len(kept))]
    return Reference(form, form.gather(values), count, dict(skipped), _digest(values), left_out)


def _no_row(skipped: Counter[str], source: str) -> QwattError:
    reasons = ", ".join(f"{n} {reason}" for reason, n in skipped.items())
    mend = "give a file of rows that are as they should be, one a line"
    return QwattError(f"no row can be used: {reasons or 'there is none'}", where=shown(source), mend=mend)


def _left_out(row: Any, form: Form) -> tuple[str, ...]:
    """Return the fields of a row that hold texts, where numbers are watched that nobody named."""
    if form.kind != "numbers" or not isinstance(row, Mapping) or form.fields == ("score",):
        return ()
    return tuple(name for name, v in row.items() if isinstance(v, str) and name not in (*form.fields, "id"))


def _named(source: str) -> tuple[Path, str]:
    """Split "FILE#field", unless a file has that very name."""
    if Path(source).exists() or "#" not in source:
        return Path(source), ""
    path, _, field = source.rpartition("#")
    return Path(path), field


def _suffix(path: Path) -> str:
    return Source(path, path.name).suffixes[0]


def _first_form(row: Any, field: str, place: str, plain: bool) -> Form:
    """Return the form of the first row; one that is no JSON says so, as its form cannot be told."""
    if isinstance(row, BadRowError):
        mend = "write JSON, one row a line; for plain texts give --plain or a .txt file"
        raise QwattError(f"the first row is {row}", where=place, mend=mend)
    found = find_form(row, field, place)
    if plain and found.kind != "text":
        mend = "leave --plain away, or name a field of texts, as in FILE#text"
        raise QwattError(f"{found.said()} are no plain texts", where=place, mend=mend)
    return replace(found, plain=plain)


def _rows(path: Path, plain: bool) -> Iterator[tuple[str, Any]]:
    """Yield where a row is and what it holds; a `BadRowError` for what is not JSON."""
    if _suffix(path) in _LINES:
        for number, line, _ in bounded_lines(Source(path, shown(path.name))):
            if line is not None and not line.isspace():
                yield f"{shown(path.name)}:{number}", _line(line, plain)
        return
    for place, row in open_rows(path, ReadReport(str(path))):
        yield place, dict(row)


def _line(line: str, plain: bool) -> Any:
    if plain:
        return line.rstrip("\r\n")
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return BadRowError("not JSON")


def _numeric(row: dict[str, Any]) -> dict[str, Any]:
    return {name: as_number(value) for name, value in row.items()}


def _table(path: Path, row: Any) -> TableLine | None:
    """Return how the lines of a table are read that come after one; None where the reference is no table."""
    if _suffix(path) not in _CELLS or not path.is_file():
        return None
    return TableLine(tuple(row), delimiter_of(Source(path, shown(path.name))))


def _digest(values: list[Any]) -> str:
    found = sha256()
    for value in values:
        found.update(json.dumps(value).encode("utf-8", "surrogatepass"))
    return found.hexdigest()
