"""The book of remote jobs in a run folder: written before money is spent, so that nothing is paid twice."""

from __future__ import annotations

import json
import math
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qwatt.core.errors import BudgetError, QwattError

FILE = "jobs.jsonl"


@dataclass
class Entry:
    """What the book knows of one program of one trial.

    Args:
        trial: id of the trial.
        usd: what was billed, or while that is not known what was quoted.
        job: the provider's id; None while it is unknown whether the job was taken.
        counts: the result; None while there is none.
        failures: jobs for it that the provider could not run.
        spent_usd: what these were billed.
    """

    trial: str
    usd: float = 0.0
    job: str | None = None
    counts: dict[str, int] | None = None
    failures: int = 0
    spent_usd: float = 0.0


@dataclass
class Ledger:
    """The jobs of a run, of all its processes. Every line is forced to disk before what follows from it.

    Args:
        folder: the run's; None keeps no book, for circuits outside any run.
        budget_usd: what all jobs of the folder may cost together; None for no limit.
        entries: by key, what is known.
        token: tells runs apart.
        usd: what was billed and what is still out, together.
    """

    folder: Path | None
    budget_usd: float | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    token: str = ""
    usd: float = 0.0
    _read: int = 0

    def __post_init__(self) -> None:
        with self._locked():
            if not self.token:
                self._write({"event": "begin", "token": secrets.token_hex(8)})

    def usd_of(self, trials: set[str]) -> float:
        """What was billed and is out for some trials."""
        return sum(e.usd + e.spent_usd for e in self.entries.values() if e.trial in trials)

    def reserve(self, key: str, quote_usd: float, trial: str) -> Entry:
        """Return the entry of a program; a new one, or one that failed, is charged with its quote first.

        Raises:
            BudgetError: the quote would exceed the budget; nothing was submitted.
        """
        with self._locked():
            entry = self.entries.get(key)
            if entry is None or (entry.usd == 0.0 and entry.failures and entry.job is None):
                self._check_budget(quote_usd)
                self._write({"event": "reserve", "key": key, "usd": quote_usd, "trial": trial})
            return self.entries[key]

    def accept(self, key: str, job: str) -> None:
        """Write the id of a job that the provider took."""
        with self._locked():
            self._write({"event": "accept", "key": key, "job": job})

    def finish(self, key: str, usd: float, counts: Mapping[str, int]) -> None:
        """Write a result and its bill."""
        with self._locked():
            self._write({"event": "finish", "key": key, "usd": usd, "counts": dict(counts)})

    def fail(self, key: str, usd: float, why: str) -> None:
        """Write that the provider could not run a job, and its bill; the next attempt is a new job."""
        with self._locked():
            self._write({"event": "fail", "key": key, "usd": usd, "why": why})

    def _check_budget(self, quote_usd: float) -> None:
        _dollars(quote_usd)
        if self.budget_usd is not None and self.usd + quote_usd > self.budget_usd:
            raise BudgetError(
                f"the budget of {self.budget_usd:g} USD would be exceeded: {self.usd:.6g} USD are spent or "
                f"out, and the next job costs up to {quote_usd:.6g} USD",
                where="--budget",
                mend="run the same command with a larger --budget to go on where it stopped",
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep the run's other processes out, and learn what they wrote."""
        if self.folder is None:
            with nullcontext():
                yield
            return
        from filelock import FileLock

        with FileLock(self.folder / ".jobs.lock"):
            self._catch_up(self.folder / FILE)
            yield

    def _catch_up(self, file: Path) -> None:
        """Read what is new; a torn last line, of a process killed in mid-write, is cut off, as unwritten."""
        if not file.exists():
            return
        with file.open("r+b") as stream:
            stream.seek(self._read)
            new = stream.read()
            whole = new.rfind(b"\n") + 1
            if whole < len(new):
                stream.truncate(self._read + whole)
                os.fsync(stream.fileno())
        for line in new[:whole].splitlines():
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                mend = "mend the line; it says what was paid, so do not delete the file"
                raise QwattError(f"not a job record: {line[:80]!r}", where=str(file), mend=mend) from error
        self._read += whole

    def _write(self, record: dict[str, Any]) -> None:
        if self.folder is not None:
            line = json.dumps(record, allow_nan=False).encode() + b"\n"
            with (self.folder / FILE).open("ab") as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
            self._read += len(line)
        self._take(record)

    def _take(self, record: Mapping[str, Any]) -> None:
        event = record["event"]
        if event == "begin":
            self.token = str(record["token"])
            return
        if event == "reserve":
            self.entries.setdefault(record["key"], Entry(str(record["trial"])))
        entry = self.entries[record["key"]]
        if event == "accept":
            entry.job = str(record["job"])
            return
        usd = _dollars(record["usd"])
        self.usd, entry.usd = self.usd + usd - entry.usd, usd
        if event == "finish":
            entry.counts = {str(bits): int(n) for bits, n in record["counts"].items()}
        elif event == "fail":
            entry.failures, entry.job = entry.failures + 1, None
            entry.spent_usd, entry.usd = entry.spent_usd + entry.usd, 0.0


def _dollars(value: Any) -> float:
    """Return an amount of money; a sum with NaN would never be beyond the budget.

    Raises:
        ValueError: it is negative or not finite.
    """
    if not 0.0 <= (usd := float(value)) < math.inf:
        raise ValueError(f"{usd} is no amount of money")
    return usd
