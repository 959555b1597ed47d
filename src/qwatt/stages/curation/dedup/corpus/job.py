"""What every pass knows: the shards, the settings and the work folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qwatt.stages.curation.dedup.corpus.folder import WorkFolder
from qwatt.stages.curation.dedup.corpus.shards import Shard


@dataclass(frozen=True)
class Job:
    """One deduplication.

    Args:
        shards: of the input, in order.
        unit: "char" or "word".
        width: symbols of a shingle.
        threshold: least Jaccard similarity of a near duplicate.
        normalisation: what of a text counts.
        form: the output's suffix: ".jsonl", ".gz" or ".parquet".
        work: path of the work folder.
    """

    shards: tuple[Shard, ...]
    unit: str
    width: int
    threshold: float
    normalisation: str
    form: str
    work: str

    @property
    def folder(self) -> WorkFolder:
        """The work folder."""
        return WorkFolder(Path(self.work))


@dataclass(frozen=True)
class Part:
    """A shard, or a band, of a job: what a worker is given.

    Args:
        job: whose.
        number: of the shard or band.
    """

    job: Job
    number: int

    @property
    def shard(self) -> Shard:
        """The shard of this number."""
        return self.job.shards[self.number]

    def name(self, what: str) -> str:
        """The name of a file of this part."""
        return f"{self.number:06d}.{what}"
