"""Inputs cut into shards, which workers read one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.data.columnar import arrow_errors, first_line
from qwatt.data.folder import files_of, one_part
from qwatt.data.names import shown
from qwatt.data.naming import split_source
from qwatt.data.report import ReadReport
from qwatt.data.saved_dataset import is_saved_dataset
from qwatt.data.streams import Source, is_folder

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet
else:
    pa = lazy("pyarrow")
    parquet = lazy("pyarrow.parquet")

_MOST_ROWS = 1 << 18
"""Rows of a shard, about: equal texts take no bytes in Parquet, and as much as others afterwards."""
SHARD_BYTES = 32 << 20
"""Text of one shard, about; a compressed file and a folder of other files are one shard each."""


@dataclass(frozen=True)
class Shard:
    """A part of the input.

    Args:
        form: "parquet", "jsonl", or "rows" for what other readers read.
        path: file or folder.
        name: how its rows are called.
        field: the text's field, or None for the reader's choice.
        start: first row group or byte.
        stop: the one after the last; 0 for all.
    """

    form: str
    path: str
    name: str
    field: str | None
    start: int = 0
    stop: int = 0

    @property
    def source(self) -> Source:
        """The file as readers take it."""
        return Source(Path(self.path), self.name)


def list_shards(sources: Sequence[str], size: int = SHARD_BYTES) -> list[Shard]:
    """Return the shards of files and folders, in order.

    Args:
        sources: files and folders; "corpus.jsonl#body" names the text's field.
        size: bytes of text of a shard, about.

    Raises:
        QwattError: there is no such file or folder, its kind is unknown, or it is damaged.
    """
    found: list[Shard] = []
    for source in sources:
        path, columns = split_source(source)
        found += _of_path(path, columns.text, size)
    return found


def _of_path(path: Path, field: str | None, size: int) -> Iterator[Shard]:
    if not is_folder(path):
        yield from _of_file(Source(path, shown(path.name)), field, size)
        return
    if is_saved_dataset(path):
        yield Shard("rows", str(path), shown(path.name), field)
        return
    report = ReadReport(shown(str(path)))
    files = one_part(files_of(path, report), path, report)
    if files and all(source.suffixes[0] in (".parquet", ".jsonl") for source in files):
        for source in files:
            yield from _of_file(source, field, size)
    else:
        yield Shard("rows", str(path), shown(path.name), field)


def _of_file(source: Source, field: str | None, size: int) -> Iterator[Shard]:
    form, compression = source.suffixes
    path = str(source.path)
    if form == ".parquet" and not compression:
        yield from _row_groups(source, field, size)
    elif form == ".jsonl" and not compression:
        end = source.path.stat().st_size
        for start in range(0, max(end, 1), size):
            yield Shard("jsonl", path, source.name, field, start, min(start + size, end))
    else:
        yield Shard("jsonl" if form == ".jsonl" else "rows", path, source.name, field)


def _row_groups(source: Source, field: str | None, size: int) -> Iterator[Shard]:
    try:
        with pa.OSFile(os.fsencode(source.path)) as stream, parquet.ParquetFile(stream) as file:
            groups = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
            sizes = [(group.total_byte_size, group.num_rows) for group in groups]
    except arrow_errors() as error:
        what = f"not a whole Parquet file: {first_line(error)}"
        raise QwattError(what, where=source.where, mend="write or copy it again") from error
    start = held = count = 0
    for group, (own, rows) in enumerate(sizes):
        held, count = held + own, count + rows
        if held >= size or count >= _MOST_ROWS or group == len(sizes) - 1:
            yield Shard("parquet", str(source.path), source.name, field, start, group + 1)
            start, held, count = group + 1, 0, 0


def refuse_mixed_columns(shards: Sequence[Shard]) -> None:
    """Refuse Parquet files that differ in their columns, as one file cannot hold the rows of both.

    Raises:
        QwattError: a file has other columns, or other types of them, than the first.
    """
    first = None
    for source in dict.fromkeys(shard.source for shard in shards):
        with pa.OSFile(os.fsencode(source.path)) as stream:
            schema = parquet.read_schema(stream)
        first = schema if first is None else first
        if not schema.equals(first):
            what = "its columns or their types are not those of the first Parquet file"
            raise QwattError(what, where=source.where, mend="give --out a name that ends in .jsonl")
