"""Second pass: exact copies collapsed, and the buckets of the documents of distinct text, band by band."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.corpus.job import Job, Part
from qwatt.stages.curation.dedup.corpus.workers import Workers
from qwatt.stages.curation.dedup.lsh import bands_and_rows, repeated
from qwatt.stages.curation.dedup.run_hashes import distinct

Numbers = NDArray[np.signedinteger[Any]]
"""Documents, ranks or buckets; of a corpus that 32 bits can number, its many memberships take no more."""

_KEYS = 1 << 20
"""Hashes of bands that a worker sorts at a time; a large corpus has more in one band."""


@dataclass(frozen=True)
class Corpus:
    """All documents of a job, numbered in the order of the input.

    Args:
        offsets: where each shard begins, and the end; shape (shards + 1,).
        twin: the document that stands for each among those of its text; shape (documents,).
    """

    offsets: Numbers
    twin: Numbers


@dataclass(frozen=True)
class Buckets:
    """Buckets of two or more documents.

    Args:
        names: the documents that have one, by rank: the longest first, of equals by content hash.
        member: rank of a member, bucket after bucket, each ascending; shape (memberships,).
        bucket: its bucket, shape (memberships,).
    """

    names: Numbers
    member: Numbers
    bucket: Numbers


def collapse_copies(job: Job) -> Corpus:
    """Number the documents, and let one stand for all of its text: of the least checksum, then the first."""
    parts = [job.folder.load(Part(job, n).name("documents.npy")) for n in range(len(job.shards))]
    offsets = np.append(0, np.cumsum([len(part) for part in parts]))
    low = np.concatenate([part["content"][:, 0] for part in parts])
    order = np.argsort(low, kind="stable")
    same = np.flatnonzero(low[order][1:] == low[order][:-1])
    doubtful = distinct(np.concatenate([order[same], order[same + 1]]))
    twin = np.arange(offsets[-1])
    if len(doubtful):
        rows = documents_at(parts, offsets, doubtful)
        by = np.lexsort((doubtful, rows["spelling"], rows["content"][:, 1], rows["content"][:, 0]))
        content = rows["content"][by]
        first = np.append(True, (content[1:] != content[:-1]).any(axis=1))
        twin[doubtful[by]] = doubtful[by][np.maximum.accumulate(np.where(first, np.arange(len(by)), 0))]
    return Corpus(offsets, twin)


def documents_at(parts: list[NDArray[np.void]], offsets: Numbers, names: Numbers) -> NDArray[np.void]:
    """Return what is known of some documents, shape (names,)."""
    found = np.empty(len(names), parts[0].dtype)
    shard = np.searchsorted(offsets, names, side="right") - 1
    for number in distinct(shard).tolist():
        chosen = shard == number
        found[chosen] = parts[number][names[chosen] - offsets[number]]
    return found


def find_buckets(job: Job, corpus: Corpus, workers: Workers) -> Buckets:
    """Join the bands' buckets, and rank their documents."""
    job.folder.save("copies.npy", np.flatnonzero(corpus.twin != np.arange(len(corpus.twin))))
    bands, _ = bands_and_rows(job.threshold)
    parts = [job.folder.load(part) for part in list(workers(_buckets, _tasks(job, bands, len(corpus.twin))))]
    known = np.zeros(len(corpus.twin), dtype=bool)
    for members, _ in parts:
        known[members] = True
    found, rank = _ranked(job, corpus, np.flatnonzero(known))
    total = sum(part.shape[1] for part in parts)
    member, bucket = np.empty(total, parts[0].dtype), np.empty(total, parts[0].dtype)
    start = first = 0
    for members, numbers in parts:
        own = slice(start, start + len(members))
        codes = numbers * np.int64(max(1, len(found))) + rank[members]
        codes.sort()  # buckets are in order already, so that this sorts the members of each
        member[own] = codes % max(1, len(found))
        bucket[own] = numbers + first
        start, first = own.stop, first + (int(numbers[-1]) + 1 if len(numbers) else 0)
    return Buckets(found, member, bucket)


def _ranked(job: Job, corpus: Corpus, found: Numbers) -> tuple[Numbers, Numbers]:
    """Return some documents by rank, and the rank that each of all documents has among them."""
    parts = [job.folder.load(Part(job, n).name("documents.npy")) for n in range(len(job.shards))]
    rows = documents_at(parts, corpus.offsets, found)
    by = np.lexsort((rows["content"][:, 1], rows["content"][:, 0], -rows["length"].astype(np.int64)))
    rank = np.zeros(len(corpus.twin), np.int64)
    rank[found[by]] = np.arange(len(found))
    return found[by], rank


@dataclass(frozen=True)
class _Bands:
    """Consecutive bands of a job: what a worker is given, and the integers that hold all memberships."""

    job: Job
    first: int
    end: int
    dtype: type[np.int32] | type[np.int64]


def _tasks(job: Job, bands: int, documents: int) -> list[_Bands]:
    step = max(1, _KEYS // max(1, documents))
    dtype = np.int32 if bands * documents < np.iinfo(np.int32).max else np.int64
    return [_Bands(job, first, min(first + step, bands), dtype) for first in range(0, bands, step)]


def _buckets(task: _Bands) -> str:
    """Find the buckets of some bands: rows of members and of their buckets, shape (2, memberships)."""
    job, name = task.job, Part(task.job, task.first).name("buckets.npy")
    if job.folder.has(name):
        return name
    bands = [job.folder.load(Part(job, n).name("bands.npy")) for n in range(len(job.shards))]
    counted = np.ones(sum(shard.shape[1] for shard in bands), dtype=bool)
    counted[job.folder.load("copies.npy")] = False
    documents = np.flatnonzero(counted).astype(task.dtype)
    found = [np.zeros((2, 0), task.dtype)]
    total = 0
    for band in range(task.first, task.end):
        keys = np.concatenate([shard[band] for shard in bands])[counted]
        members, bucket = _shared(keys)
        found.append(np.stack([documents[members], (bucket + total).astype(task.dtype)]))
        total += int(bucket[-1]) + 1 if len(bucket) else 0
    job.folder.save(name, np.concatenate(found, axis=1))
    return name


def _shared(keys: NDArray[np.uint64]) -> tuple[Numbers, Numbers]:
    """Return which keys are there more than once, equal ones together, and each one's bucket."""
    members = repeated(keys)
    ranked = keys[members]
    order = np.argsort(ranked)
    ranked = ranked[order]
    return members[order], np.cumsum(np.append(False, ranked[1:] != ranked[:-1])[: len(ranked)])
