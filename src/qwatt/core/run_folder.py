"""The folder a study's execution writes: study, environments, one trial a line, artifacts."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import ENOSPC
from hashlib import sha256
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.core.secrets import scrubbed, scrubbed_tree
from qwatt.core.trial import Trial, TrialSpec

CHECKSUM = "sha256"
STUDY = "study.toml"
_FOUND_NAMES = ("kind", "metric", "status", "environment", "artifacts", "artifact_source")
_NAMES = frozenset(("format", "id", *TrialSpec.__dataclass_fields__, *_FOUND_NAMES))
"""Fields that say what a trial is; all others may repeat what others' software wrote."""


class RunFolder:
    """A run on disk. Trials are appended and synced one by one, so that a kill loses at most the running one.

    Args:
        path: the folder; created when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise QwattError("the run folder is a file", where=str(path), mend="choose another --out")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot("make", path, error) from error

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
        if not any((path / name).is_file() for name in ("trials.jsonl", "energy.jsonl")):
            raise QwattError(
                "this folder holds no run (no trials.jsonl)",
                where=str(path),
                mend="give the folder that `qwatt run --out` wrote",
            )
        return cls(path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs from writing here meanwhile; the system lifts the lock when the process ends.

        Raises:
            QwattError: another run is writing here, or nothing can be written here.
        """
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / ".lock", blocking=False)
        try:
            lock.acquire()
        except Timeout as error:
            raise QwattError(
                "another run is writing into this folder",
                where=str(self.path),
                mend="wait until it has ended, or choose another --out",
            ) from error
        except OSError as error:
            raise _cannot("write into", self.path, error) from error
        try:
            yield
        finally:
            lock.release()

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
        text = text if name == STUDY else scrubbed(text)
        target = self.path / name
        temporary = target.with_suffix(target.suffix + ".part")
        try:
            temporary.write_text(text, encoding="utf-8", errors="backslashreplace")
            temporary.replace(target)
        except OSError as error:
            raise _cannot("write into", self.path, error) from error
        return target

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
        """Append one record and force it to disk."""
        told = {name: v if name in _NAMES else scrubbed_tree(v) for name, v in trial.to_record().items()}
        record = json.loads(json.dumps(told, allow_nan=False))  # as it will be read
        line = json.dumps(record | {CHECKSUM: _checksum(record)}, allow_nan=False, sort_keys=False) + "\n"
        try:
            with self.trials_file.open("ab") as stream:
                stream.write(line.encode())
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise _cannot("write into", self.path, error) from error

    def repair(self) -> bool:
        """Move a torn last line (a kill in mid-write) to `trials.torn`; return whether there was one."""
        if not self.trials_file.exists():
            return False
        data = self.trials_file.read_bytes()
        end = data.rfind(b"\n") + 1
        if end == len(data):
            return False
        with (self.path / "trials.torn").open("ab") as stream:
            stream.write(data[end:] + b"\n")
        with self.trials_file.open("r+b") as stream:
            stream.truncate(end)
            os.fsync(stream.fileno())
        return True

    def trials(self) -> list[Trial]:
        """Return the recorded trials; of a spec that was tried again after failing, the last.

        Raises:
            QwattError: a line is not a trial record; names the line.
        """
        return list({trial.spec.id: trial for trial in self._read()}.values())

    def _read(self) -> Iterator[Trial]:
        if not self.trials_file.exists():
            return
        with self.trials_file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield _checked(json.loads(line, parse_float=_finite, parse_constant=_finite))
                except (ValueError, RecursionError, QwattError) as error:
                    raise _damaged(error, f"{self.trials_file}, line {number}") from error


def _checked(record: Any) -> Trial:
    """Return a line's trial, which must be as it was written; lines of before there were checksums may be.

    Raises:
        QwattError: no trial record, or one that was changed since.
    """
    stated = record.pop(CHECKSUM, None) if isinstance(record, dict) else None
    trial = Trial.from_record(record)
    if stated is not None and stated != _checksum(record):
        raise QwattError("it was changed after it was written")
    return trial


def _checksum(record: Mapping[str, Any]) -> str:
    """Return a digest of a record, whatever the order of its fields; it guards against slips, not forgers."""
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


def _finite(text: str) -> float:
    """Return a JSON number; NaN and infinities, which no record holds, are no JSON."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is no finite number")
    return number


def _damaged(error: Exception, where: str) -> QwattError:
    """Return the refusal of a line; what a record lacks is told as its reader tells it."""
    mend = "delete the line; the run will repeat that trial"
    if isinstance(error, QwattError):
        return QwattError(f"not a trial record: {error.what}", where=where, mend=error.mend or mend)
    reason = "nested too deeply" if isinstance(error, RecursionError) else f"it is not JSON ({error})"
    return QwattError(f"not a trial record: {reason}", where=where, mend=mend)


def _cannot(verb: str, path: Path, error: OSError) -> QwattError:
    full = error.errno == ENOSPC
    return QwattError(
        f"cannot {verb} the run folder: {error.strerror}",
        where=str(error.filename or path),
        mend="make room there, and run the same command again" if full else "choose another --out",
    )
