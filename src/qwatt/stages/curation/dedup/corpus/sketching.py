"""First pass: of every document its content hash, its weight and the hashes of its bands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import IO
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from qwatt.data.report import ReadReport
from qwatt.stages.curation.dedup.corpus.job import Job, Part
from qwatt.stages.curation.dedup.corpus.plain import plain_block
from qwatt.stages.curation.dedup.corpus.reading import fields_of, read_shard
from qwatt.stages.curation.dedup.lsh import bands_and_rows, hashes_of_rows, signatures
from qwatt.stages.curation.dedup.shingles import ShingleSets, shingle_runs
from qwatt.stages.curation.dedup.symbols import Block, alike
from qwatt.stages.curation.dedup.text import normalise

SEED = 0
_HEAP_BYTES = 16 << 20
"""Of an array that is freed at once, see `shingled`."""

DOCUMENT = np.dtype([("content", "<u8", 2), ("length", "<u4"), ("spelling", "<u4"), ("number", "<u4")])
"""What is kept of a document: hash and length of its normalised text, checksum of its own, and its row."""


def sketch(part: Part) -> str:
    """Sketch a shard into the work folder, and return the name of its record."""
    folder = part.job.folder
    record = part.name("sketch.json")
    if folder.has(record):
        return record
    report = ReadReport(part.shard.name)
    fields = fields_of(part.shard, report)
    bands, _ = bands_and_rows(part.job.threshold)
    documents = [np.zeros(0, DOCUMENT)]
    keys = [np.zeros((0, bands), np.uint64)]
    text_bytes = rows = 0
    for batch in read_shard(part.shard):
        texts = batch.texts(np.arange(len(batch)), fields)
        usable = np.array([text is not None for text in texts], dtype=bool)
        found, own = _sketched([text for text in texts if text is not None], bands, part.job)
        found["number"] = batch.first + np.flatnonzero(usable)
        text_bytes += int(found["length"].sum())
        rows += len(batch)
        documents.append(found)
        keys.append(own)
    folder.write(part.name("bands.npy"), lambda file: _save_bands(file, keys))
    folder.save(part.name("documents.npy"), np.concatenate(documents))
    folder.save_record(record, {"text_bytes": text_bytes, "rows": rows, "report": report.to_record()})
    return record


def _save_bands(file: IO[bytes], keys: list[NDArray[np.uint64]]) -> None:
    """Write hashes of shape (documents, bands), block by block, as an array of (bands, documents)."""
    shape = keys[0].shape[1], sum(map(len, keys))
    np.lib.format.write_array_header_1_0(file, {"descr": "<u8", "fortran_order": False, "shape": shape})
    for band in range(shape[0]):
        file.write(np.concatenate([block[:, band] for block in keys]).astype("<u8").tobytes())


def _sketched(texts: list[str], bands: int, job: Job) -> tuple[NDArray[np.void], NDArray[np.uint64]]:
    """Return what is kept of documents, shape (texts,), and the hashes of their bands, (texts, bands).

    Of equal texts one is sketched, so that copies cost little more than their reading.
    """
    places = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    if len(places) < len(texts):
        found, keys = _sketched(list(places), bands, job)
        own = np.array([places[text] for text in texts])
        return found[own], keys[own]
    found = np.empty(len(texts), DOCUMENT)
    keys = np.empty((len(texts), bands), np.uint64)
    for members, block, runs in shingled(texts, job):
        here = slice(members.start, members.stop)
        found["content"][here] = _contents(block)
        found["length"][here] = block.lengths
        found["spelling"][here] = _spellings([texts[i] for i in members])
        keys[here] = band_keys(signatures(runs, SEED), job.threshold)
    return found, keys


def _spellings(texts: list[str]) -> list[int]:
    """Return a checksum of every text as it stands in the input."""
    joined = "".join(texts)
    if not joined.isascii():
        return [crc32(text.encode()) for text in texts]
    data, start, found = memoryview(joined.encode("ascii")), 0, []
    for text in texts:
        found.append(crc32(data[start : start + len(text)]))
        start += len(text)
    return found


def shingled(texts: Sequence[str], job: Job) -> Iterator[tuple[range, Block, ShingleSets]]:
    """Yield texts by blocks: their numbers, the block and their shingles, in order and with repeats."""
    np.empty(_HEAP_BYTES, np.uint8)  # once freed, glibc keeps as much of what blocks free, for the next ones
    for members in alike(texts):
        part = [texts[i] for i in members]
        if job.normalisation == "signs":
            block = plain_block(part)
        else:
            block = Block.of([normalise(text, job.normalisation) for text in part])
        yield members, block, shingle_runs(block, job.unit, job.width)


def _contents(block: Block) -> NDArray[np.uint64]:
    """Return the 128-bit hash of every text, shape (texts, 2)."""
    data = memoryview(block.utf8.tobytes())
    places = zip(block.starts.tolist(), (block.starts + block.lengths).tolist(), strict=True)
    hashes = [blake2b(data[start:end], digest_size=16).digest() for start, end in places]
    return np.frombuffer(b"".join(hashes), dtype="<u8").reshape(-1, 2)


def band_keys(digests: NDArray[np.uint32], threshold: float) -> NDArray[np.uint64]:
    """Return a hash of every band of signatures, shape (documents, bands): equal where all rows are."""
    bands, rows = bands_and_rows(threshold, digests.shape[1])
    return hashes_of_rows(digests[:, : bands * rows].reshape(len(digests), bands, rows))
