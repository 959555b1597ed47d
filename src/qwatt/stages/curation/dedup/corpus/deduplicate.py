"""Deduplicates a corpus of any size: the passes in their order, each of which can be gone on from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.progress import tell
from qwatt.core.regular import real_path
from qwatt.data.names import shown
from qwatt.stages.curation.dedup.corpus.buckets import Buckets, Corpus, Numbers, collapse_copies, find_buckets
from qwatt.stages.curation.dedup.corpus.job import Job, Part
from qwatt.stages.curation.dedup.corpus.rounds import Kept, keep
from qwatt.stages.curation.dedup.corpus.sets import Pairs, gather_sets, join_sets, similarities
from qwatt.stages.curation.dedup.corpus.shards import SHARD_BYTES, list_shards, refuse_mixed_columns
from qwatt.stages.curation.dedup.corpus.sketching import sketch
from qwatt.stages.curation.dedup.corpus.workers import Workers, serial
from qwatt.stages.curation.dedup.corpus.writing import PARQUET, join_parts, write_part, write_removed
from qwatt.stages.curation.dedup.run_hashes import distinct
from qwatt.stages.curation.dedup.shingles import shingle_kind
from qwatt.stages.curation.dedup.text import check_normalisation

_PAIRS = 1 << 14
"""Pairs that a worker compares at a time."""
_FORMS = (".jsonl", ".jsonl.gz", PARQUET)


@dataclass(frozen=True)
class Outcome:
    """What a deduplication did.

    Args:
        documents_in: documents read.
        documents_kept: documents written.
        removed_by_kind: the others, by why they were removed.
        text_bytes: of all texts, normalised.
        skipped: rows without a text that can be used, by reason.
        pairs_verified: pairs whose similarity was asked for.
        rounds: of the keep rule.
        buckets_capped: buckets of which not all pairs were compared.
        out: the output.
        removed: the list of what was removed, and why.
    """

    documents_in: int
    documents_kept: int
    removed_by_kind: dict[str, int]
    text_bytes: int
    skipped: dict[str, int]
    pairs_verified: int
    rounds: int
    buckets_capped: int
    out: str
    removed: str


def deduplicate(
    sources: Sequence[str],
    out: Path,
    threshold: float = 0.6,
    shingles: str = "word5",
    normalisation: str = "signs",
    workers: Workers = serial,
    shard_bytes: int = SHARD_BYTES,
) -> Outcome:
    """Write a corpus without its near duplicates.

    Every removed document has the text of a kept one, or at least this similarity to it. What is kept depends
    on neither the order of the input nor the workers; kept rows are written as they were, in their order.
    The longest document of a neighbourhood leads.

    Args:
        sources: .jsonl or .parquet files, or what else `qwatt.data.documents` reads.
        out: a .jsonl, .jsonl.gz or .parquet file; beside it lie a list of what was removed and, until the
            end, the work folder.
        threshold: least Jaccard similarity of near duplicates, verified.
        shingles: "wordN" or "charN"; boilerplate is not left out, as it takes the whole corpus to find it.
        normalisation: what of a text counts.
        workers: who does the work.
        shard_bytes: text that a worker holds at a time, about.

    Raises:
        QwattError: an input cannot be read, the output cannot be written, or a setting is wrong.
    """
    job = _job(sources, out, (threshold, shingles, normalisation), shard_bytes)
    _refuse_to_spoil(job, out)
    job.folder.begin(_identity(job))
    _each(workers, sketch, job, "shards read")
    corpus, kept_documents = _decided(job, workers)
    _each(workers, write_part, job, "shards written")
    removed = _removed(out)
    by_kind = write_removed(job, removed)
    join_parts(job, out)
    outcome = _outcome(job, corpus, kept_documents, by_kind, (str(out), str(removed)))
    job.folder.remove()
    return outcome


def _job(sources: Sequence[str], out: Path, settings: tuple[float, str, str], shard_bytes: int) -> Job:
    threshold, shingles, normalisation = settings
    unit, width = shingle_kind(shingles)
    check_normalisation(normalisation)
    if unit == "own":
        what = f"{shingles!r} leaves out boilerplate, which is found in memory alone"
        raise QwattError(what, where="--shingles", mend="write wordN or charN, or `qwatt run curation/dedup`")
    if not 0.01 <= threshold <= 1:
        raise QwattError(f"{threshold} is no similarity", where="--threshold", mend="write 0.01 to 1")
    if not out.name.endswith(_FORMS):
        raise QwattError(
            f"unknown output {out.suffix!r}", where=shown(str(out)), mend=f"end it in {', '.join(_FORMS)}"
        )
    if not out.parent.is_dir():
        raise QwattError(
            "no such folder", where=shown(str(out.parent)), mend="make it, or give another --out"
        )
    shards = list_shards(sources, shard_bytes)
    if out.suffix == PARQUET and any(shard.form != "parquet" for shard in shards):
        mend = f"give --out {shown(out.stem)}.jsonl"
        raise QwattError("Parquet is written from Parquet alone", where=shown(str(out)), mend=mend)
    if out.suffix == PARQUET:
        refuse_mixed_columns(shards)
    work = str(out.with_name(f"{out.name}.work"))
    return Job(tuple(shards), unit, width, threshold, normalisation, out.suffix, work)


def _refuse_to_spoil(job: Job, out: Path) -> None:
    """Refuse to write over the data or among its files, or over anything else."""
    where = shown(str(out))
    inputs = {real_path(Path(shard.path)) for shard in job.shards}
    if {real_path(out), real_path(_removed(out))} & inputs or (inputs & set(real_path(out).parents)):
        what = "the output would be written over the data, or among its files"
        raise QwattError(what, where=where, mend="give another --out")
    for path in (out, _removed(out)):
        if path.exists() and not Path(job.work).exists():
            mend = "give another --out, or move it away"
            raise QwattError("is there already", where=shown(str(path)), mend=mend)


def _removed(out: Path) -> Path:
    """Return where the list of what was removed goes: beside the output."""
    return out.with_name(f"{out.name}.removed.jsonl")


def _identity(job: Job) -> dict[str, Any]:
    """Return what tells this deduplication from others: its inputs as they are now, and its settings."""
    paths = {path for shard in job.shards for path in _files(Path(shard.path))}
    files = {str(path): path.stat() for path in paths}
    return {
        "format": 2,
        "inputs": {path: [stat.st_size, stat.st_mtime_ns] for path, stat in files.items()},
        "settings": [job.unit, job.width, job.threshold, job.normalisation, job.form],
        "shards": hashlib.sha256(repr(job.shards).encode()).hexdigest(),
    }


def _files(path: Path) -> list[Path]:
    """Return a file, or those below a folder, which itself does not tell that one has changed."""
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]


def _each(workers: Workers, function: Callable[[Part], Any], job: Job, unit: str) -> None:
    total = len(job.shards)
    for done, _ in enumerate(workers(function, [Part(job, n) for n in range(total)]), 1):
        tell(done, total, unit)


def _decided(job: Job, workers: Workers) -> tuple[int, dict[str, int]]:
    """Decide about every document, or take what an earlier call decided; return how many there are."""
    if not job.folder.has("decided.json"):
        corpus = collapse_copies(job)
        if not len(corpus.twin):
            reasons = ", ".join(f"{n:,} {reason}" for reason, n in _skipped(job).items())
            job.folder.remove()
            what = f"no document is left to use: {reasons or 'no rows'}"
            mend = "name the text's field, as in FILE#body" if reasons else "give a file that holds text"
            raise QwattError(what, where=job.shards[0].source.where, mend=mend)
        buckets = find_buckets(job, corpus, workers)
        kept = keep(buckets, job.threshold, _compare(job, corpus, buckets, workers))
        _save(job, corpus, buckets, kept)
    found = job.folder.load_record("decided.json")
    return found.pop("documents"), found


def _compare(
    job: Job, corpus: Corpus, buckets: Buckets, workers: Workers
) -> Callable[[Numbers, Numbers], np.ndarray]:
    """Gather the shingles of the documents of buckets, and return what compares them by rank."""
    order = np.sort(buckets.names)
    bounds = np.searchsorted(order, corpus.offsets)
    for n in range(len(job.shards)):
        rows = job.folder.load(Part(job, n).name("documents.npy"))["number"].astype(np.int64)
        own = order[bounds[n] : bounds[n + 1]] - corpus.offsets[n]
        job.folder.save(Part(job, n).name("wanted.npy"), rows[own])
    _each(workers, gather_sets, job, "shards read again")
    join_sets(job)
    place = np.searchsorted(order, buckets.names)

    def compare(first: Numbers, second: Numbers) -> np.ndarray:
        one, other = place[first], place[second]
        tasks = [Pairs(job, one[i : i + _PAIRS], other[i : i + _PAIRS]) for i in range(0, len(one), _PAIRS)]
        return np.concatenate([np.zeros(0), *(workers if len(tasks) > 1 else serial)(similarities, tasks)])

    return compare


def _save(job: Job, corpus: Corpus, buckets: Buckets, kept: Kept) -> None:
    """Save who stands for every document; a copy of a removed one follows that one's leader."""
    leader, similarity = np.arange(len(corpus.twin)), np.ones(len(corpus.twin))
    leader[buckets.names], similarity[buckets.names] = buckets.names[kept.leader], kept.similarity
    leader, similarity = leader[corpus.twin], similarity[corpus.twin]
    own = np.arange(len(leader))
    job.folder.save("documents.npy", corpus.offsets)
    job.folder.save("leader.npy", leader)
    job.folder.save("similarity.npy", similarity)
    job.folder.save("same.npy", (leader == corpus.twin) & (leader != own))
    job.folder.save("leading.npy", distinct(leader[leader != own]))
    record = {
        "documents": len(leader),
        "rounds": kept.rounds,
        "verified": kept.verified,
        "capped": kept.capped,
    }
    job.folder.save_record("decided.json", record)


def _records(job: Job) -> list[dict[str, Any]]:
    return [job.folder.load_record(Part(job, n).name("sketch.json")) for n in range(len(job.shards))]


def _skipped(job: Job) -> dict[str, int]:
    skipped: Counter[str] = Counter()
    for record in _records(job):
        skipped.update(record["report"]["skipped"])
    return dict(skipped)


def _outcome(
    job: Job, documents: int, rule: dict[str, int], by_kind: dict[str, int], files: tuple[str, str]
) -> Outcome:
    text_bytes = sum(record["text_bytes"] for record in _records(job))
    kept = documents - sum(by_kind.values())
    counts = rule["verified"], rule["rounds"], rule["capped"]
    return Outcome(documents, kept, by_kind, text_bytes, _skipped(job), *counts, *files)
