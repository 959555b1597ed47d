"""Rows out of Arrow record batches and Parquet files, with pyarrow alone; damage never reaches Python values.

Every batch is validated in full before one value is touched: that is what keeps a damaged file from ending
the interpreter. Files are read, not mapped into memory, as a mapped file that shrinks ends it as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.data.arrow_values import Column, Damaged, checked, values_of
from qwatt.data.names import listed, repeated, shown, told_apart
from qwatt.data.reading import MOST_COLUMNS, Row
from qwatt.data.report import ReadReport
from qwatt.data.streams import Source

_BATCH_ROWS = 1024
_BATCH_BYTES = 64 << 20
_PROBED_ROWS = 4
_MEND = "write or copy it again"


def read_parquet(source: Source, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of a .parquet file; they count from 1.

    Raises:
        QwattError: the file is not Parquet or is damaged, or has too many columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with (
            pa.OSFile(os.fsencode(source.path)) as stream,  # a name may not be UTF-8
            pq.ParquetFile(stream, page_checksum_verification=True) as file,
        ):
            check_width(file.metadata.num_columns, source.where)
            yield from rows_of(bounded_batches(file, range(file.num_row_groups)), source, report)
    except arrow_errors() as error:
        raise QwattError(
            f"not a whole Parquet file: {first_line(error)}", where=source.where, mend=_MEND
        ) from error


def bounded_batches(
    file: Any, groups: Iterable[int], most_rows: int = _BATCH_ROWS, **options: Any
) -> Iterator[Any]:
    """Yield record batches of as many rows as take some megabytes: a few bytes of file may be a long text.

    Args:
        file: an open Parquet file.
        groups: numbers of its row groups.
        most_rows: of a batch.
        options: of `iter_batches`.
    """
    for group in groups:
        some = next(file.iter_batches(batch_size=_PROBED_ROWS, row_groups=[group], **options), None)
        if some is not None and some.num_rows:
            rows = max(_PROBED_ROWS, _BATCH_BYTES * some.num_rows // max(1, some.nbytes))
            yield from file.iter_batches(batch_size=min(rows, most_rows), row_groups=[group], **options)


def read_arrow(source: Source, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of an .arrow or .feather file (version 2); they count from 1.

    Raises:
        QwattError: the file is not Arrow or is damaged, or has too many columns.
    """
    try:
        yield from rows_of(record_batches(source.path), source, report)
    except arrow_errors() as error:
        what = f"not a whole Arrow file: {first_line(error)}"
        raise QwattError(what, where=source.where, mend=_MEND) from error


def record_batches(path: Path) -> Iterator[Any]:
    """Yield the record batches of an Arrow file, in the stream or the file format; not yet validated.

    Raises:
        QwattError: the file has too many columns. Damage raises one of `arrow_errors`.
    """
    import pyarrow as pa

    with pa.OSFile(os.fsencode(path)) as stream:
        try:
            reader = pa.ipc.open_stream(stream)
            batches = iter(reader)
        except pa.ArrowInvalid:
            reader = file = pa.ipc.open_file(stream)
            batches = (file.get_batch(i) for i in range(file.num_record_batches))
        check_width(len(reader.schema), shown(str(path)))
        yield from batches


def damaged_folder(folder: Path, file: str, error: BaseException) -> QwattError:
    """Build the error for a data folder with a damaged Arrow file."""
    return QwattError(
        f"not a whole Arrow file: {shown(file)}: {first_line(error)}",
        where=shown(str(folder)),
        mend="copy the whole folder again, or save the data set again",
    )


@dataclass(frozen=True)
class Batch:
    """Rows whose every column passed validation.

    Args:
        names: the columns' names, told apart.
        columns: the columns, in step with `names`.
        rows: the number of rows.
    """

    names: list[str]
    columns: list[Column]
    rows: int

    def part(self, choose: Callable[[Any], Any], rows: int) -> Batch:
        """Return the rows that `choose` makes of every column's array."""
        return Batch(self.names, [Column(choose(c.values), c.as_bytes) for c in self.columns], rows)

    def fields(self, source: Source, report: ReadReport) -> Iterator[dict[str, Any]]:
        """Yield every row's fields."""
        for first in range(0, self.rows, _BATCH_ROWS):
            part = self.part(partial(_slice, first), _BATCH_ROWS)
            values = [
                values_of(column, name, source.name, report)
                for name, column in zip(self.names, part.columns, strict=True)
            ]
            for cells in zip(*values, strict=True):
                yield dict(zip(self.names, cells, strict=True))


def _slice(first: int, array: Any) -> Any:
    return array.slice(first, _BATCH_ROWS)


def check(batch: Any, source: Source, report: ReadReport) -> Batch:
    """Validate a record batch.

    Raises:
        Damaged: it is not what it says it is.
    """
    names = batch.schema.names
    if twice := repeated(names):
        report.note(f"{source.name}: several columns are called {listed(twice)}; the first is used")
    return Batch(told_apart(names), [checked(column) for column in batch.columns], batch.num_rows)


def rows_of(batches: Iterator[Any], source: Source, report: ReadReport) -> Iterator[Row]:
    """Yield the rows of record batches, numbered from 1.

    Raises:
        Damaged: a batch is not what it says it is.
    """
    number = 0
    for batch in batches:
        for fields in check(batch, source, report).fields(source, report):
            number += 1
            yield f"{source.name}:{number}", fields


def check_width(columns: int, where: str) -> None:
    """Refuse a table with more columns than rows can be made of."""
    if columns > MOST_COLUMNS:
        raise QwattError(
            f"{columns:,} columns; at most {MOST_COLUMNS:,} can be read",
            where=where,
            mend="keep the columns with text, label and id",
        )


def arrow_errors() -> tuple[type[BaseException], ...]:
    """Return what pyarrow raises on files that it cannot read."""
    import pyarrow as pa

    return (pa.ArrowException, Damaged, OSError, UnicodeDecodeError, MemoryError)


def first_line(error: BaseException) -> str:
    """Return what pyarrow says, in one short line."""
    return shown(str(error).splitlines()[0]) if str(error) else type(error).__name__
