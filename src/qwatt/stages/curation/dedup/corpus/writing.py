"""Last pass: what is kept of every shard, in the order of the input, and the names of what is not."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.data.rows import to_json
from qwatt.stages.curation.dedup.corpus.batches import ArrowBatch, Batch, Places
from qwatt.stages.curation.dedup.corpus.buckets import Numbers
from qwatt.stages.curation.dedup.corpus.job import Job, Part
from qwatt.stages.curation.dedup.corpus.reading import read_shard
from qwatt.stages.curation.dedup.reasons import NEAR, SAME

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet
else:
    pa = lazy("pyarrow")
    parquet = lazy("pyarrow.parquet")

PARQUET = ".parquet"
_NAMES = "names.jsonl"


def write_part(part: Part) -> None:
    """Write what is kept of a shard, and the names of its removed documents and of those kept for others."""
    job = part.job
    if job.folder.has(part.name(_NAMES)):
        return
    _, kept, named = _own(part)
    rows = job.folder.load(part.name("documents.npy"))["number"].astype(np.int64)
    before = cache(lambda: _rows_before(part))  # a corpus with names of its own never asks
    names: list[str] = []

    def batches() -> Iterator[tuple[Batch, Places]]:
        for batch in read_shard(part.shard, whole=True):
            here = slice(*np.searchsorted(rows, [batch.first, batch.first + len(batch)]).tolist())
            places = rows[here] - batch.first
            for place in places[named[here]].tolist():
                own = _own_id(batch.fields(place).get("id"))
                names.append(own or f"{part.shard.name}:{before() + batch.first + place + 1}")
            yield batch, places[kept[here]]

    fill = _fill_arrow if job.form == PARQUET else _fill_gzip if job.form == ".gz" else _fill_lines
    job.folder.write(part.name("kept"), lambda file: fill(file, batches()))
    job.folder.write(
        part.name(_NAMES), lambda file: file.writelines(f"{json.dumps(n)}\n".encode() for n in names)
    )


def _rows_before(part: Part) -> int:
    """Return the rows of the same file in earlier shards."""
    job = part.job
    earlier = [n for n in range(part.number) if job.shards[n].path == part.shard.path]
    return sum(job.folder.load_record(Part(job, n).name("sketch.json"))["rows"] for n in earlier)


def _own(part: Part) -> tuple[Numbers, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return a shard's documents, which of them are kept, and which have a name in the list."""
    job = part.job
    start, end = job.folder.load("documents.npy")[part.number : part.number + 2].tolist()
    own = np.arange(start, end)
    kept = np.array(job.folder.load("leader.npy")[start:end]) == own
    named = ~kept
    leading = job.folder.load("leading.npy")
    named[leading[slice(*np.searchsorted(leading, [start, end]).tolist())] - start] = True
    return own, kept, named


def _named(part: Part) -> Iterator[tuple[int, str, bool]]:
    """Yield the shard's documents of the list with their names and whether they are kept, in order."""
    own, kept, named = _own(part)
    with (part.job.folder.path / part.name(_NAMES)).open("rb") as lines:
        for i, line, stays in zip(own[named].tolist(), lines, kept[named].tolist(), strict=True):
            yield i, json.loads(line), stays


def _own_id(own: Any) -> str | None:
    usable = isinstance(own, str | int) and not isinstance(own, bool)
    return str(own) if usable and str(own).strip() else None


def _fill_lines(file: IO[bytes], batches: Iterator[tuple[Batch, Places]]) -> None:
    for batch, places in batches:
        file.writelines(batch.lines(places))


def _fill_gzip(file: IO[bytes], batches: Iterator[tuple[Batch, Places]]) -> None:
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        for batch, places in batches:
            packed.writelines(batch.lines(places))


def _fill_arrow(file: IO[bytes], batches: Iterator[tuple[Batch, Places]]) -> None:
    writer = None
    for batch, places in batches:
        assert isinstance(batch, ArrowBatch)
        if writer is None:
            writer = pa.ipc.new_file(file, batch.table.schema)
        writer.write_table(batch.rows(places))
    if writer is not None:
        writer.close()


def join_parts(job: Job, out: Path) -> None:
    """Put the parts together as the output, which appears whole or not at all."""
    parts = [job.folder.path / Part(job, n).name("kept") for n in range(len(job.shards))]
    join = _join_arrow if job.form == PARQUET else _join
    _place(job, out, lambda file: join(parts, file))


def _place(job: Job, path: Path, fill: Callable[[IO[bytes]], Any]) -> None:
    """Write a file beside the work folder and through it, which goes with all that a kill left unfinished."""
    job.folder.write(path.name, fill)
    (job.folder.path / path.name).replace(path)


def _join(parts: list[Path], file: IO[bytes]) -> None:
    for path in parts:
        with path.open("rb") as part:
            shutil.copyfileobj(part, file, 1 << 20)


def _join_arrow(parts: list[Path], file: IO[bytes]) -> None:
    writer = None
    for path in parts:
        if not path.stat().st_size:
            continue
        with pa.OSFile(str(path)) as stream:
            reader = pa.ipc.open_file(stream)
            if writer is None:
                writer = parquet.ParquetWriter(file, reader.schema)
            for i in range(reader.num_record_batches):
                writer.write_batch(reader.get_batch(i))
    if writer is not None:
        writer.close()


def write_removed(job: Job, out: Path) -> dict[str, int]:
    """Write one line a removed document, in the order of the input; return their number by kind."""
    parts = [Part(job, n) for n in range(len(job.shards))]
    leading = {i: name for part in parts for i, name, kept in _named(part) if kept}
    leader, similarity = job.folder.load("leader.npy"), job.folder.load("similarity.npy")
    copy = job.folder.load("same.npy")
    removed = np.flatnonzero(leader != np.arange(len(leader)))

    def fill(file: IO[bytes]) -> None:
        for i, name in ((i, name) for part in parts for i, name, kept in _named(part) if not kept):
            reason = SAME if copy[i] else NEAR
            row: dict[str, Any] = {"id": name, "kept": leading[int(leader[i])]}
            file.write(to_json(row | {"similarity": float(similarity[i]), "reason": reason}).encode() + b"\n")

    _place(job, out, fill)
    same = int(copy[removed].sum())
    return {kind: number for kind, number in ((SAME, same), (NEAR, len(removed) - same)) if number}
