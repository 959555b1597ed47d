"""The state folder: two logs that only grow, and a checkpoint that says how much of them counts.

A commit appends to the logs, then replaces the checkpoint, each of which is on disk before the next begins.
Whatever happens in between, what the checkpoint does not count is cut off when the watch goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any
from zlib import crc32

from filelock import FileLock, Timeout

from qwatt.core.errors import QwattError
from qwatt.data.names import shown
from qwatt.stages.monitoring.drift.watch.checkpoint import refuse_odd

WINDOWS = "windows.jsonl"
BAD_ROWS = "bad_rows.jsonl"
_CHECKPOINT = "checkpoint.json"
_PRINTED = "printed"
_FORMAT = 1
_CHECKSUM = "crc32"
_LATER: dict[str, Any] = {"masked": False}
"""What a watch had that was begun before there was a choice."""


class StateFolder:
    """Files of one watch, held by one process at a time.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: FileLock | None = None
        self._logs: dict[str, IO[bytes]] = {}
        self._printed: IO[bytes] | None = None

    def open(self, identity: Mapping[str, Any], resume: bool) -> dict[str, Any] | None:
        """Claim the folder; return the last checkpoint where the watch is to go on.

        Args:
            identity: what a watch must be alike in to go on from another.
            resume: whether to go on from what is there.

        Raises:
            QwattError: it holds a watch and `resume` is not set, another watch, or other files; or another
                process holds it.
        """
        self._claim()
        found = self._found(identity, resume)
        lengths = found["log_bytes"] if found else {WINDOWS: 0, BAD_ROWS: 0}
        for name, length in lengths.items():
            self._logs[name] = self._opened(name)
            if self._logs[name].seek(0, os.SEEK_END) < length:
                mend = "restore the folder, or begin anew in another --state"
                raise QwattError(f"{name} is shorter than it was", where=shown(str(self.path)), mend=mend)
            self._logs[name].truncate(length)
            self._logs[name].seek(length)
        self._printed = self._opened(_PRINTED)
        return found

    def commit(self, lines: Mapping[str, Iterable[str]], record: Mapping[str, Any]) -> None:
        """Append lines to the logs and replace the checkpoint; all of it counts, or none."""
        for name, new in lines.items():
            if data := "".join(f"{line}\n" for line in new).encode():
                self._logs[name].write(data)
                _to_disk(self._logs[name])
        lengths = {name: log.tell() for name, log in self._logs.items()}
        text = json.dumps({"format": _FORMAT, **record, "log_bytes": lengths})
        unfinished = self.path / f"{_CHECKPOINT}.part"
        with unfinished.open("wb") as file:
            file.write(f'{{"{_CHECKSUM}": {crc32(text.encode())}, {text[1:]}'.encode())
            _to_disk(file)
        unfinished.replace(self.path / _CHECKPOINT)
        self._settle()

    def tail(self, start: int) -> list[bytes]:
        """Return the lines of the windows' log from a byte on, with their ends."""
        with (self.path / WINDOWS).open("rb") as log:
            log.seek(start)
            return log.readlines()

    @property
    def window_bytes(self) -> int:
        """Length of the windows' log."""
        return self._logs[WINDOWS].tell()

    @property
    def printed_bytes(self) -> int:
        """Length of the windows' log that is known to be printed."""
        assert self._printed is not None
        self._printed.seek(0)
        text = self._printed.read().strip()
        found = int(text) if text.isdigit() else 0
        return found if found <= self.window_bytes else 0  # more than there is was never printed

    def note_printed(self) -> None:
        """Note that all windows in the log are printed."""
        assert self._printed is not None
        self._printed.seek(0)
        self._printed.write(b"%-20d" % self.window_bytes)
        _to_disk(self._printed)

    def close(self) -> None:
        """Let another process have the folder."""
        for file in (*self._logs.values(), self._printed):
            if file is not None:
                with contextlib.suppress(OSError):  # what a full disk did not take is not committed
                    file.close()
        if self._lock is not None:
            self._lock.release()

    def _claim(self) -> None:
        where = shown(str(self.path))
        fresh = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)
        if not fresh and not (self.path / "lock").exists() and any(self.path.iterdir()):
            raise QwattError("holds other files", where=where, mend="name another folder with --state")
        self._lock = FileLock(self.path / "lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            mend = "stop that one, or name another folder with --state"
            raise QwattError("another qwatt watch writes there", where=where, mend=mend) from error

    def _found(self, identity: Mapping[str, Any], resume: bool) -> dict[str, Any] | None:
        where, card = shown(str(self.path)), self.path / _CHECKPOINT
        if not card.is_file():
            self._refuse_lost()
            return None
        found = _checked(card)
        if not resume and not found["windows"] and not found["held"]:
            return None  # no row of that input could be used
        if not resume:
            what = f"holds a watch of {found['lines']:,} lines"
            raise QwattError(what, where=where, mend="--resume goes on with it; or name another --state")
        known = _LATER | found["identity"]
        if changed := [name for name, value in identity.items() if known.get(name) != value]:
            old = ", ".join(f"{name} {shown(str(known.get(name)), 40)}" for name in changed)
            mend = "give the same, or begin anew in another --state"
            raise QwattError(f"holds a watch with another {old}", where=where, mend=mend)
        return found

    def _refuse_lost(self) -> None:
        """Refuse to begin anew over windows that were printed: a checkpoint is on disk before they are."""
        printed = self.path / _PRINTED
        if printed.is_file() and printed.read_bytes().strip():
            mend = "restore it, or begin anew in another --state"
            raise QwattError("the checkpoint is missing", where=shown(str(self.path)), mend=mend)

    def _opened(self, name: str) -> IO[bytes]:
        path = self.path / name
        path.touch()
        return path.open("r+b")

    def _settle(self) -> None:
        """Bring the folder's list of names to disk."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _checked(card: Path) -> dict[str, Any]:
    """Return a checkpoint as it was written.

    Raises:
        QwattError: it is damaged, was changed, or is of another qwatt.
    """
    where, mend = shown(str(card)), "restore it, or begin anew in another --state"
    try:
        found: dict[str, Any] = json.loads(card.read_bytes())
        checksum, form, _ = found.pop(_CHECKSUM, None), found["format"], found["identity"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise QwattError("the checkpoint cannot be read", where=where, mend=mend) from error
    if form != _FORMAT:
        raise QwattError("written by another qwatt", where=where, mend="name another --state")
    if checksum is not None and checksum != crc32(json.dumps(found).encode()):
        raise QwattError("the checkpoint was changed since it was written", where=where, mend=mend)
    refuse_odd(found, where, mend)
    return found


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
