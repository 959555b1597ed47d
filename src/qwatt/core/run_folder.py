"""The folder a study's execution writes: study, environments, one trial a line, artifacts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from qwatt.core.durable import cannot, write_whole
from qwatt.core.errors import QwattError
from qwatt.core.home import without_home
from qwatt.core.regular import refuse_special
from qwatt.core.secrets import scrubbed
from qwatt.core.trial import Trial
from qwatt.core.trial_lines import read_line, write_line
from qwatt.core.trials_file import READ, signature

STUDY = "study.toml"
_LOCK = ".lock"
_RECORDS = ("trials.jsonl", "energy.jsonl")


class RunFolder:
    """A run on disk. Trials are appended and synced one by one, so that a kill loses at most the running one.

    Args:
        path: the folder; created when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: tuple[int, int] | None = None
        if path.exists() and not path.is_dir():
            raise QwattError("the run folder is a file", where=str(path), mend="choose another --out")
        self._made = [folder for folder in (path, *path.parents) if not folder.exists()]
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot("be made", path, error) from error

    @classmethod
    def is_run(cls, path: Path) -> bool:
        """Return whether a run was begun here."""
        return (path / "trials.jsonl").is_file() or (path / "environment.json").is_file()

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open an existing run.

        Raises:
            QwattError: the folder holds no run.
        """
        if not holds_records(path):
            raise _no_run(path)
        return cls(path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs from writing here meanwhile; the system lifts the lock when the process ends.

        Raises:
            QwattError: another run is writing here, or nothing can be written here.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / _LOCK, blocking=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise QwattError(
                "another run is writing into this folder",
                where=str(self.path),
                mend="wait until it has ended, or choose another --out",
            ) from error
        except OSError as error:
            raise cannot("be written into", self.path, error) from error
        self._held = _identity(self.path / _LOCK)
        try:
            yield
        finally:
            self._held = None
            lock.release()

    def forget(self) -> None:
        """Remove what a run without a trial wrote, and the folders that were made for it, where empty."""
        for name in (STUDY, "environment.json", "sources.json", _LOCK):
            (self.path / name).unlink(missing_ok=True)
        with suppress(OSError):  # something else lies there
            for folder in self._made:
                folder.rmdir()

    @property
    def trials_file(self) -> Path:
        """One JSON record a line."""
        return self.path / "trials.jsonl"

    def artifacts(self, task: str, name: str) -> Path:
        """Folder of what a method's user takes away."""
        folder = self.path / "artifacts" / task / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write_text(self, name: str, text: str) -> Path:
        """Write a file whole or not at all, without secrets; half a character is written escaped.

        The study is written as it is: it was refused before if it held a secret.
        """
        self._check_held()
        return write_whole(self.path / name, without_home(text if name == STUDY else scrubbed(text)))

    def add_environment(self, identifier: str, facts: dict[str, Any]) -> None:
        """Add an environment to `environment.json`; a resumed run may have several."""
        environments = self.environments() | {identifier: facts}
        self.write_text("environment.json", json.dumps(environments, indent=2, sort_keys=True) + "\n")

    def environments(self) -> dict[str, Any]:
        """Return the environments by id."""
        file = self.path / "environment.json"
        if not file.is_file():
            return {}
        try:
            return dict(json.loads(file.read_text(encoding="utf-8")))
        except (ValueError, TypeError, RecursionError) as error:
            raise QwattError(f"not JSON: {error}", where=str(file), mend="delete the file") from error

    def append(self, trial: Trial) -> None:
        """Append one record and force it to disk.

        Raises:
            QwattError: it cannot be written, or the folder was deleted while this run was writing into it.
        """
        self._check_held()
        line, before = write_line(trial), signature(self.trials_file)
        try:
            with self.trials_file.open("ab") as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            with suppress(OSError):  # half a line, which would only be put aside later
                os.truncate(self.trials_file, 0 if before is None else before[2])
            raise cannot("be written", self.trials_file, error) from error
        READ.added(self.trials_file, before, read_line(line))

    def repair(self) -> bool:
        """Move a torn last line (a kill in mid-write) to `trials.torn`; return whether there was one.

        Raises:
            QwattError: it is no regular file, or cannot be written; nothing was changed.
        """
        if not self.trials_file.exists():
            return False
        refuse_special(self.trials_file)
        data = self.trials_file.read_bytes()
        end = data.rfind(b"\n") + 1
        if end == len(data):
            return False
        aside = self.path / "trials.torn"
        try:
            with aside.open("ab") as stream:
                stream.write(data[end:] + b"\n")
            with self.trials_file.open("r+b") as stream:
                stream.truncate(end)
                os.fsync(stream.fileno())
        except OSError as error:
            raise cannot("be written", aside, error) from error
        return True

    def trials(self) -> list[Trial]:
        """Return the recorded trials; of a spec that was tried again after failing, the last.

        They are shared by all who ask, and so is the list: nobody changes them.

        Raises:
            QwattError: a line is not a trial record; names the line.
        """
        return READ.of(self.trials_file)

    def by_id(self) -> Mapping[str, Trial]:
        """Return the same by the ids of their specifications."""
        return READ.by_id(self.trials_file)

    def _check_held(self) -> None:
        """Refuse to go on where the folder is no longer the one that was locked.

        Raises:
            QwattError: it was deleted or replaced; another run may be writing there.
        """
        if self._held is not None and _identity(self.path / _LOCK) != self._held:
            raise QwattError(
                "the run folder was deleted or replaced while this run was writing into it",
                where=str(self.path),
                mend="run the same command again, once no other run is writing there",
            )


def _identity(file: Path) -> tuple[int, int] | None:
    found = signature(file)
    return None if found is None else (found[0], found[1])


def holds_records(path: Path) -> bool:
    """Return whether a folder holds trials or recorded energy."""
    return any((path / name).is_file() for name in _RECORDS)


def _no_run(path: Path) -> QwattError:
    """Return the refusal of a path; a folder of runs names one of them."""
    mend = "give the folder that `qwatt run --out` wrote"
    if not path.is_dir():
        what = "this is a file, not a run folder" if path.exists() else "there is no such folder"
        return QwattError(what, where=str(path), mend=f"{mend}; `qwatt runs list` names those below runs")
    with suppress(OSError):  # one that may not be read names none
        if inside := sorted(folder.name for folder in path.iterdir() if holds_records(folder)):
            mend = f"give one of the runs in it, such as {path / inside[0]}"
    return QwattError("this folder holds no run (no trials.jsonl)", where=str(path), mend=mend)
