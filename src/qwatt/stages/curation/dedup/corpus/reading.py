"""Reads a shard in batches: lines of JSON, Parquet, or what another reader yields."""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.data.columnar import arrow_errors, bounded_batches, first_line
from qwatt.data.fields import Fields
from qwatt.data.formats import open_rows
from qwatt.data.names import listed
from qwatt.data.report import ReadReport
from qwatt.data.streams import open_binary
from qwatt.data.text import (
    MAX_DOCUMENT_BYTES,
    refuse_binary,
    refuse_blank,
    refuse_endless,
    wide_encoding,
)
from qwatt.stages.curation.dedup.corpus.batches import ArrowBatch, Batch, LineBatch, RowBatch
from qwatt.stages.curation.dedup.corpus.shards import Shard

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet
else:
    pa = lazy("pyarrow")
    parquet = lazy("pyarrow.parquet")

_BATCH_BYTES = 4 << 20
_BATCH_ROWS = 2048
_SAMPLE_BYTES = 1 << 16
_TOO_LONG = b"longer than a document may be: "
"""Stands for the beginning of such a line, which then is no JSON and counted as such."""


def read_shard(shard: Shard, whole: bool = False) -> Iterator[Batch]:
    """Yield the rows of a shard, those of a Parquet file with all columns if `whole`.

    Raises:
        QwattError: the shard cannot be read.
    """
    if shard.form == "parquet":
        yield from _parquet(shard, whole)
    elif shard.form == "jsonl":
        yield from _jsonl(shard)
    else:
        rows: list[tuple[str, Mapping[str, Any]]] = []
        first = 0
        for row in open_rows(shard.source.path, ReadReport(shard.name)):
            rows.append(row)
            if len(rows) == _BATCH_ROWS:
                yield RowBatch(first, rows)
                first, rows = first + len(rows), []
        yield RowBatch(first, rows)


def fields_of(shard: Shard, report: ReadReport) -> Fields:
    """Return what picks the texts out of a shard's rows, and counts in the report what has none.

    That a later part of a file has no text is no reason to refuse it.
    """
    return Fields(shard.source.path, shard.field, None, report, found=shard.start > 0)


def _jsonl(shard: Shard) -> Iterator[Batch]:
    first = blank = 0
    for lines in _of_range(shard):
        kept = [line for line in lines if line and not line.isspace()]
        blank = 0 if kept else blank + len(lines)
        refuse_blank(blank, shard.source.where)
        yield LineBatch(first, kept, shard)
        first += len(kept)


def _of_range(shard: Shard) -> Iterator[list[bytes]]:
    """Yield the lines that begin in a range of bytes, some megabytes at a time."""
    with open_binary(shard.source, shard.start - 1 if shard.start else 0) as stream:
        place = shard.start - 1 + _rest_of_line(stream, shard) if shard.start else 0
        if not shard.start and wide_encoding(start := stream.peek(_SAMPLE_BYTES)[:_SAMPLE_BYTES]) is None:
            refuse_binary(start, shard.source)
        rest, length = b"", 0
        while not shard.stop or place < shard.stop:
            data = stream.read(min(_BATCH_BYTES, shard.stop - place) if shard.stop else _BATCH_BYTES)
            text = data if place else data.removeprefix(BOM_UTF8)
            place += len(data)
            *lines, rest = (rest + text).split(b"\n")
            yield lines
            length = 0 if lines else length
            if len(rest) > MAX_DOCUMENT_BYTES:
                length += len(rest)
                refuse_endless(length, shard.source.where)
                rest = _TOO_LONG
            if not data:
                break
        if rest:
            yield [rest + stream.readline(MAX_DOCUMENT_BYTES).rstrip(b"\n")]


def _rest_of_line(stream: BinaryIO, shard: Shard) -> int:
    """Skip the line that an earlier range began, within this range; return its bytes."""
    skipped = 0
    while skipped <= shard.stop - shard.start and (piece := stream.readline(_SAMPLE_BYTES)):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _parquet(shard: Shard, whole: bool) -> Iterator[Batch]:
    first = 0
    try:
        with (
            pa.OSFile(os.fsencode(shard.path)) as stream,
            parquet.ParquetFile(stream, pre_buffer=False) as file,
        ):
            name = shard.field or _text_column(file.schema_arrow, shard)
            columns = None if whole else [name]
            groups = range(shard.start, shard.stop)
            for table in bounded_batches(file, groups, _BATCH_ROWS, columns=columns, use_threads=False):
                table.validate(full=True)
                yield ArrowBatch(first, table, shard, name)
                first += table.num_rows
    except arrow_errors() as error:
        what = f"not a whole Parquet file: {first_line(error)}"
        raise QwattError(what, where=shard.source.where, mend="write or copy it again") from error


def _text_column(schema: Any, shard: Shard) -> str:
    """Return "text", or the only column of texts."""
    if "text" in schema.names:
        return "text"
    kinds = (pa.types.is_string, pa.types.is_large_string)
    names = [field.name for field in schema if any(kind(field.type) for kind in kinds)]
    beside = [name for name in names if name not in ("id", "label")]
    if len(beside) != 1:
        what = f"no column 'text'; the columns of texts are: {listed(names) or 'none'}"
        raise QwattError(
            what, where=shard.source.where, mend=f"name it after the path, as in {shard.name}#body"
        )
    return str(beside[0])
