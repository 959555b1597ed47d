"""Consecutive rows of a shard, of which only what is asked for is made into texts."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.data.arrow_values import Column, values_of
from qwatt.data.fields import Fields
from qwatt.data.jsonl import DECODER
from qwatt.data.names import told_apart
from qwatt.data.report import ReadReport, announce
from qwatt.data.rows import to_json
from qwatt.data.text import MAX_DOCUMENT_BYTES, decode
from qwatt.stages.curation.dedup.corpus.shards import Shard

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = lazy("pyarrow")

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
"""Half of a pair, escaped or as bytes that are no UTF-8."""
_NO_JSON = (b"NaN", b"Infinity")
"""What Python reads as numbers, and RFC 8259 does not know."""
_scan: Callable[[str, int], tuple[Any, int]] = DECODER.raw_decode

Places = NDArray[np.int64]


class Batch(ABC):
    """Consecutive rows of a shard.

    Args:
        first: number of the first within the shard; blank lines are no rows.
    """

    first: int

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def texts(self, places: Places, fields: Fields) -> list[str | None]:
        """Return the texts of some rows by their places in the batch; None is counted as skipped."""

    @abstractmethod
    def fields(self, place: int) -> Mapping[str, Any]:
        """Return a row's fields, or its id alone."""

    @abstractmethod
    def lines(self, places: Places) -> Iterator[bytes]:
        """Yield rows as lines of JSON."""


class LineBatch(Batch):
    """Lines of JSON, read where they are asked for.

    Args:
        first: number of the first within the shard.
        lines: not blank, without their ends.
        shard: whose.
    """

    def __init__(self, first: int, lines: list[bytes], shard: Shard) -> None:
        self.first, self._lines = first, lines
        self._name, self._column = shard.name, shard.field or "text"

    def __len__(self) -> int:
        return len(self._lines)

    def texts(self, places: Places, fields: Fields) -> list[str | None]:
        """Return the texts of some rows; None is counted as skipped."""
        return [self._text(place, fields) for place in places.tolist()]

    def _text(self, place: int, fields: Fields) -> str | None:
        line = self._lines[place]
        row = _object(line)
        if isinstance(row, dict):
            text = row.get(self._column)
            if isinstance(text, str) and text and not text.isspace() and not _halved(line):
                fields.found = True
                return text
        where = f"{self._name}, row {self.first + place + 1}"
        if not isinstance(row, str):
            return fields.text(row, where)
        fields.refuse(row, where)
        return None

    def fields(self, place: int) -> Mapping[str, Any]:
        """Return a row's fields; none where it is no object."""
        row = _object(self._lines[place])
        return {} if isinstance(row, str) else row

    def lines(self, places: Places) -> Iterator[bytes]:
        """Yield rows as lines of JSON."""
        for place in places.tolist():
            yield _valid(self._lines[place]) + b"\n"


def _halved(line: bytes) -> bool:
    """Return whether half a pair is in a line; most lines have none of the bytes that it begins with."""
    return (b"\\u" in line or b"\xed" in line) and _SURROGATE.search(line) is not None


def _valid(line: bytes) -> bytes:
    """Return a line as it is when every JSON reader takes it, else written anew."""
    try:
        if not any(name in line for name in _NO_JSON):
            line.decode()
            return line
    except UnicodeDecodeError:
        pass
    row = _object(line)
    return line if isinstance(row, str) else to_json(row).encode()


def _object(line: bytes) -> dict[str, Any] | str:
    """Return the object of a line, or why there is none."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = decode(line)[0]
    try:
        row, end = _scan(text, len(text) - len(text.lstrip()))
    except (ValueError, RecursionError):
        return "not JSON"
    if end < len(text) and not text[end:].isspace():
        return "not JSON"
    return row if isinstance(row, dict) else "JSON, but not an object"


class RowBatch(Batch):
    """Rows that another reader has read.

    Args:
        first: number of the first within the shard.
        rows: where each is, and its fields.
    """

    def __init__(self, first: int, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        self.first, self._rows = first, rows

    def __len__(self) -> int:
        return len(self._rows)

    def texts(self, places: Places, fields: Fields) -> list[str | None]:
        """Return the texts of some rows; None is counted as skipped."""
        return [fields.text(row, where) for where, row in (self._rows[place] for place in places.tolist())]

    def fields(self, place: int) -> Mapping[str, Any]:
        """Return a row's fields."""
        return self._rows[place][1]

    def lines(self, places: Places) -> Iterator[bytes]:
        """Yield rows as lines of JSON."""
        return (to_json(self._rows[place][1]).encode() + b"\n" for place in places.tolist())


class ArrowBatch(Batch):
    """Rows of a Parquet file.

    Args:
        first: number of the first within the shard.
        table: an Arrow record batch.
        shard: whose.
        column: the texts' column.
    """

    def __init__(self, first: int, table: Any, shard: Shard, column: str) -> None:
        self.first, self.table, self._name, self._column = first, table, shard.name, column

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def texts(self, places: Places, fields: Fields) -> list[str | None]:
        """Return the texts of some rows; None is counted as skipped."""
        column = self._first_called(self._column)
        if len(places) < len(self) and (
            pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        ):
            values = [column[place].as_py() for place in places.tolist()]
        else:
            made = _python(column, self._column, self._name)
            values = [made[place] for place in places.tolist()]
        for n, value in enumerate(values):
            if not isinstance(value, str) or not value or value.isspace() or len(value) > MAX_DOCUMENT_BYTES:
                where = f"{self._name}, row {self.first + int(places[n]) + 1}"
                values[n] = fields.text({self._column: value}, where)
        found: list[str | None] = values
        fields.found = fields.found or any(value is not None for value in found)
        return found

    def fields(self, place: int) -> Mapping[str, Any]:
        """Return a row's id alone."""
        if "id" not in self.table.schema.names:
            return {}
        return {"id": _python(self._first_called("id").slice(place, 1), "id", self._name)[0]}

    def _first_called(self, name: str) -> Any:
        return self.table.column(self.table.schema.names.index(name))

    def lines(self, places: Places) -> Iterator[bytes]:
        """Yield rows as lines of JSON."""
        rows = self.rows(places)
        names = rows.schema.names
        columns = [
            _python(column, name, self._name) for name, column in zip(names, rows.columns, strict=True)
        ]
        for cells in zip(*columns, strict=True):
            yield to_json(dict(zip(told_apart(names), cells, strict=True))).encode() + b"\n"

    def rows(self, places: Places) -> Any:
        """Return some rows, ascending, as an Arrow table: runs of them put together.

        `take` would import all of Arrow's functions, and pandas.
        """
        breaks = np.flatnonzero(np.diff(places) != 1) + 1
        runs = zip(np.append(0, breaks).tolist(), np.append(breaks, len(places)).tolist(), strict=True)
        slices = [self.table.slice(int(places[i]), end - i) for i, end in runs if end > i]
        return pa.Table.from_batches(slices, self.table.schema).combine_chunks()


def _python(column: Any, name: str, file: str) -> list[Any]:
    """Return a column's Python values; dates beyond what Python can hold as numbers, as other readers do."""
    try:
        return list(column.to_pylist())
    except Exception:  # any of a dozen kinds: pyarrow's own, zone info, overflow
        report = ReadReport(file)
        announce(report)
        whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return values_of(Column(whole), name, file, report)
