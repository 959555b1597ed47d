"""Second pass: exact copies collapsed, and the buckets of the documents of distinct text, band by band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.curation.dedup.corpus.job import Job, Part
from qwatt.stages.curation.dedup.corpus.workers import Workers
from qwatt.stages.curation.dedup.lsh import bands_and_rows

Numbers = NDArray[np.int64]


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
    doubtful = np.unique(np.concatenate([order[same], order[same + 1]]))
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
    for number in np.unique(shard).tolist():
        chosen = shard == number
        found[chosen] = parts[number][names[chosen] - offsets[number]]
    return found


def find_buckets(job: Job, corpus: Corpus, workers: Workers) -> Buckets:
    """Join the bands' buckets, and rank their documents."""
    job.folder.save("copies.npy", np.flatnonzero(corpus.twin != np.arange(len(corpus.twin))))
    bands, _ = bands_and_rows(job.threshold)
    names = [np.zeros(0, np.int64)]
    numbers = [np.zeros(0, np.int64)]
    total = 0
    for part in list(workers(_band, [Part(job, band) for band in range(bands)])):
        members, bucket = job.folder.load(part)
        names.append(np.array(members))
        numbers.append(bucket + total)
        total += int(bucket[-1]) + 1 if len(bucket) else 0
    document, bucket = np.concatenate(names), np.concatenate(numbers)
    distinct = np.unique(document)
    parts = [job.folder.load(Part(job, n).name("documents.npy")) for n in range(len(job.shards))]
    rows = documents_at(parts, corpus.offsets, distinct)
    by = np.lexsort((rows["content"][:, 1], rows["content"][:, 0], -rows["length"].astype(np.int64)))
    rank = np.empty(len(distinct), np.int64)
    rank[by] = np.arange(len(distinct))
    member = rank[np.searchsorted(distinct, document)]
    order = np.lexsort((member, bucket))
    return Buckets(distinct[by], member[order], bucket[order])


def _band(part: Part) -> str:
    """Find the buckets of one band: rows of members and of their buckets, shape (2, memberships)."""
    job, name = part.job, part.name("buckets.npy")
    if job.folder.has(name):
        return name
    keys = np.concatenate(
        [job.folder.load(Part(job, n).name("bands.npy"))[part.number] for n in range(len(job.shards))]
    )
    distinct = np.ones(len(keys), dtype=bool)
    distinct[job.folder.load("copies.npy")] = False
    documents = np.flatnonzero(distinct)
    keys = keys[documents]
    order = np.argsort(keys)
    ranked = keys[order]
    same = np.append(False, ranked[1:] == ranked[:-1])
    shared = same.copy()
    shared[:-1] |= same[1:]
    members = documents[order[shared]]
    job.folder.save(name, np.stack([members, np.cumsum(~same[shared]) - 1]))
    return name
