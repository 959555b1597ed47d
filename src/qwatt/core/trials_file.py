"""The trials of a run's `trials.jsonl`, read once a process and again where the file has changed."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from pathlib import Path

from qwatt.core.durable import cannot
from qwatt.core.errors import QwattError
from qwatt.core.regular import refuse_special
from qwatt.core.trial import Trial
from qwatt.core.trial_lines import read_line

_BUFFER_BYTES = 1 << 20
_MANY = 10_000
"""Trials above which the collector is told to leave them alone."""


class ReadTrials:
    """The trials of the file that was read last, so that a command reads a file once."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._trials: dict[str, Trial] = {}
        self._list: list[Trial] | None = None

    def by_id(self, file: Path) -> Mapping[str, Trial]:
        """Return a file's trials by id, from memory where the file is as it was."""
        key = (file.absolute(), signature(file))
        if self._key != key:
            self._key = self._list = None
            self._trials = _by_id(file)
            self._key = key
        return self._trials

    def of(self, file: Path) -> list[Trial]:
        """Return a file's trials, the very list of before where the file is as it was."""
        found = self.by_id(file)
        if self._list is None:
            self._list = list(found.values())
        return self._list

    def added(self, file: Path, before: tuple[int, ...] | None, trial: Trial) -> None:
        """Take a trial that was just appended to a file which was as it had been read."""
        if self._key == (file.absolute(), before):
            self._trials.pop(trial.spec.id, None)  # the last place is the newest one's
            self._trials[trial.spec.id] = trial
            self._list = None
            self._key = (file.absolute(), signature(file))


READ = ReadTrials()


def _by_id(file: Path) -> dict[str, Trial]:
    """Read a file; the collector rests meanwhile, as it would look again and again through what was read."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        found = {trial.spec.id: trial for trial in _read(file)}
        if len(found) > _MANY:
            gc.freeze()  # nor later: what was read stays for as long as the process reads this run
            gc.set_threshold(20 * len(found))  # and what is built of it is no garbage either
        return found
    finally:
        if was_on:
            gc.enable()


def _read(file: Path) -> Iterator[Trial]:
    if not file.exists():
        return
    refuse_special(file)
    try:
        with file.open("rb", buffering=_BUFFER_BYTES) as stream:
            for number, line in enumerate(stream, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield read_line(line)
                except (ValueError, RecursionError, QwattError) as error:
                    raise _damaged(error, f"{file}, line {number}") from error
    except OSError as error:
        raise cannot("be read", file, error, "let it be read, or give another folder") from error


def signature(file: Path) -> tuple[int, ...] | None:
    """Return what changes with a file's content, or None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _damaged(error: Exception, where: str) -> QwattError:
    """Return the refusal of a line; what a record lacks is told as its reader tells it."""
    mend = "delete the line; the run will repeat that trial"
    if isinstance(error, QwattError):
        return QwattError(f"not a trial record: {error.what}", where=where, mend=error.mend or mend)
    reason = "nested too deeply" if isinstance(error, RecursionError) else f"it is not JSON ({error})"
    return QwattError(f"not a trial record: {reason}", where=where, mend=mend)
