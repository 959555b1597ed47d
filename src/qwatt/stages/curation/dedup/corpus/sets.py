"""Third pass: the shingles of the documents of buckets, sorted, in files; and similarities of many pairs."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.data.report import ReadReport
from qwatt.stages.curation.dedup.corpus.buckets import Numbers
from qwatt.stages.curation.dedup.corpus.job import Job, Part
from qwatt.stages.curation.dedup.corpus.reading import fields_of, read_shard
from qwatt.stages.curation.dedup.corpus.sketching import SEED, shingled
from qwatt.stages.curation.dedup.lsh import HASHES, least_agreement, signatures
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
    if not job.folder.has("values.bin"):
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
    values = np.memmap(job.folder.path / "values.bin", dtype=np.uint64, mode="r")
    found = np.zeros(len(first))
    start = 0
    while start < len(likely):
        rest = sizes[first[likely[start:]]] + sizes[second[likely[start:]]]
        rows = np.arange(1, len(rest) + 1)
        count = max(1, int(np.searchsorted(rest * rows, _CHUNK, side="right")))
        chosen = likely[start : start + count]
        common = _common(values, offsets, first[chosen], second[chosen])
        found[chosen] = common / (sizes[first[chosen]] + sizes[second[chosen]] - common)
        start += count
        _let_go(values)
    return found


def _let_go(mapped: np.memmap[Any, Any]) -> None:
    """Give back the pages of a file that were read, which would stay resident until it is closed."""
    mapped._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]


def _agreement(job: Job, first: Numbers, second: Numbers) -> NDArray[np.float64]:
    mapped = np.memmap(job.folder.path / "digests.bin", dtype=np.uint32, mode="r")
    digests = mapped.reshape(-1, HASHES)
    shares = np.empty(len(first))
    for start in range(0, len(first), _BLOCK):
        one, other = (digests[places[start : start + _BLOCK]] for places in (first, second))
        shares[start : start + _BLOCK] = (one == other).mean(axis=1)
        _let_go(mapped)
    return shares


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
