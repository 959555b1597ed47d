"""Third pass: the shingles of the documents of buckets, sorted, in files; and similarities of many pairs."""

from __future__ import annotations

from dataclasses import dataclass
from errno import EIO
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from qwatt.data.report import ReadReport
from qwatt.stages.curation.dedup.corpus.buckets import Numbers
from qwatt.stages.curation.dedup.corpus.job import Job, Part
from qwatt.stages.curation.dedup.corpus.reading import fields_of, read_shard
from qwatt.stages.curation.dedup.corpus.sketching import SEED, shingled
from qwatt.stages.curation.dedup.lsh import HASHES, least_agreement, signatures
from qwatt.stages.curation.dedup.run_hashes import Number, distinct
from qwatt.stages.curation.dedup.shingles import Shingles, ShingleSets

_CHUNK = 1 << 18
"""Shingles that are compared at a time."""
_BLOCK = 1 << 12
"""Pairs whose signatures are compared at a time."""
_NONE = np.uint64(0xFFFFFFFFFFFFFFFF)


def gather_sets(part: Part) -> None:
    """Write the sets and signatures of a shard's documents that `wanted.npy` names."""
    job = part.job
    if job.folder.has(part.name("digests.npy")):
        return
    wanted = job.folder.load(part.name("wanted.npy"))  # rows of the shard
    fields = fields_of(part.shard, ReadReport(part.shard.name))
    sets: list[ShingleSets] = []
    for batch in read_shard(part.shard) if len(wanted) else ():
        first, end = np.searchsorted(wanted, [batch.first, batch.first + len(batch)]).tolist()
        texts = [text or "" for text in batch.texts(wanted[first:end] - batch.first, fields)]
        sets += [runs.distinct() for _, _, runs in shingled(texts, job)]
    found = ShingleSets.joined(sets)
    job.folder.save(part.name("values.npy"), found.values)
    job.folder.save(part.name("offsets.npy"), found.offsets)
    job.folder.save(part.name("digests.npy"), signatures(found, SEED))


def join_sets(job: Job) -> None:
    """Put the shards' sets into one file, in the order of the input, with the signatures."""
    parts = [Part(job, n) for n in range(len(job.shards))]
    sizes = [np.diff(job.folder.load(part.name("offsets.npy"))) for part in parts]
    offsets = np.append(0, np.cumsum(np.concatenate(sizes)))
    if not job.folder.has("digests.bin"):
        job.folder.write("values.bin", lambda file: _copy(job, parts, "values.npy", file))
        job.folder.write("digests.bin", lambda file: _copy(job, parts, "digests.npy", file))
    job.folder.save("offsets.npy", offsets)


def _copy(job: Job, parts: list[Part], name: str, file: IO[bytes]) -> None:
    for part in parts:
        array = job.folder.load(part.name(name))
        if array.size:
            file.write(array.data)


@dataclass(frozen=True)
class Pairs:
    """Pairs of documents to compare: what a worker is given.

    Args:
        job: whose.
        first: places in the joined sets, shape (pairs,).
        second: of the others, shape (pairs,).
    """

    job: Job
    first: Numbers
    second: Numbers


def similarities(pairs: Pairs) -> NDArray[np.float64]:
    """Return the exact Jaccard similarity of every pair, shape (pairs,); 0 where it is not worth counting.

    It is not where sizes, or signatures by four standard errors, are too far apart for the threshold.
    """
    job, first, second = pairs.job, pairs.first, pairs.second
    offsets = job.folder.load("offsets.npy")
    sizes = np.diff(offsets)
    least, most = np.minimum(sizes[first], sizes[second]), np.maximum(sizes[first], sizes[second])
    likely = np.flatnonzero(least >= job.threshold * most)
    likely = likely[_agreement(job, first[likely], second[likely]) >= least_agreement(job.threshold)]
    likely = likely[np.argsort(sizes[first[likely]] + sizes[second[likely]], kind="stable")]
    names = distinct(np.concatenate([first[likely], second[likely]]))
    values = _read(job.folder.path / "values.bin", np.uint64, offsets[names], offsets[names + 1])
    own = np.append(0, np.cumsum(sizes[names]))
    ones, others = (np.searchsorted(names, places[likely]) for places in (first, second))
    total = np.diff(own)[ones] + np.diff(own)[others]
    found = np.zeros(len(first))
    start = 0
    while start < len(likely):
        rows = np.arange(1, len(likely) - start + 1)
        count = max(1, int(np.searchsorted(total[start:] * rows, _CHUNK, side="right")))
        chosen = slice(start, start + count)
        common = _common(values, own, ones[chosen], others[chosen])
        found[likely[chosen]] = common / (total[chosen] - common)
        start += count
    return found


def _agreement(job: Job, first: Numbers, second: Numbers) -> NDArray[np.float64]:
    """Return the share of equal hashes in the signatures of every pair, shape (pairs,)."""
    names = distinct(np.concatenate([first, second]))
    path = job.folder.path / "digests.bin"
    digests = _read(path, np.uint32, names * HASHES, (names + 1) * HASHES).reshape(-1, HASHES)
    ones, others = np.searchsorted(names, first), np.searchsorted(names, second)
    shares = np.empty(len(first))
    for start in range(0, len(first), _BLOCK):
        block = slice(start, start + _BLOCK)
        shares[block] = (digests[ones[block]] == digests[others[block]]).mean(axis=1)
    return shares


def _read(path: Path, dtype: type[Number], starts: Numbers, ends: Numbers) -> NDArray[Number]:
    """Return ascending slices of a file of numbers, one after the other.

    A map of the file would keep resident what lies around them, which of a large corpus is all of it.
    """
    found = np.empty(int((ends - starts).sum()), dtype)
    room = found.view(np.uint8).data
    breaks = np.flatnonzero(starts[1:] != ends[:-1]) + 1
    begins = starts[np.append(0, breaks)] if len(starts) else starts
    stops = ends[np.append(breaks, len(ends)) - 1] if len(ends) else ends
    place = 0
    with path.open("rb", buffering=0) as file:
        for start, size in zip(begins.tolist(), (stops - begins).tolist(), strict=True):
            file.seek(start * found.itemsize)
            place += file.readinto(room[place : place + size * found.itemsize])
    if place != len(room):
        raise OSError(EIO, "the file has lost its end", str(path))
    return found


def _common(values: Shingles, offsets: Numbers, first: Numbers, second: Numbers) -> Numbers:
    """Return how many shingles pairs of similar size share: equal neighbours once each pair is sorted."""
    sizes, others = offsets[first + 1] - offsets[first], offsets[second + 1] - offsets[second]
    width = int((sizes + others).max())
    matrix = np.full((len(first), width), _NONE)
    row = np.arange(len(first)) * width
    _fill(matrix, row, values, offsets[first], sizes)
    _fill(matrix, row + sizes, values, offsets[second], others)
    matrix.sort(axis=1)
    equal = matrix[:, 1:] == matrix[:, :-1]
    equal &= matrix[:, 1:] != _NONE
    common: Numbers = equal.sum(axis=1)
    return common


def _fill(matrix: Shingles, at: Numbers, values: Shingles, starts: Numbers, sizes: Numbers) -> None:
    """Copy sets into a matrix, from flat places on."""
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    matrix.reshape(-1)[np.repeat(at, sizes) + within] = values[np.repeat(starts, sizes) + within]
