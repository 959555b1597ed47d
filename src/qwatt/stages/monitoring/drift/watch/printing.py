"""Prints each window once: what the log has and standard output has not.

What was printed is noted after it was. Between the two a process can die, and then nobody knows whether the
last lines came through. Where standard output is the regular file that it was before, its end tells; else
they are printed again, each with `"again": true`.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from qwatt.stages.monitoring.drift.watch.folder import StateFolder

_TAIL_BYTES = 1 << 16


class Printer:
    """Copies the windows' log to a file descriptor.

    Args:
        folder: of the log.
        target: file descriptor.
    """

    def __init__(self, folder: StateFolder, target: int) -> None:
        self._folder = folder
        self._target = target

    @property
    def identity(self) -> list[int] | None:
        """What tells the file that is printed to from others; None for pipes and terminals."""
        found = os.fstat(self._target)
        return [found.st_dev, found.st_ino] if stat.S_ISREG(found.st_mode) else None

    def print_new(self) -> None:
        """Print the lines that are in the log since the last note."""
        self._write(b"".join(self._folder.tail(self._folder.printed_bytes)))
        self._folder.note_printed()

    def catch_up(self, known: list[int] | None) -> int:
        """Print what a process that died may have left out; return the lines printed again.

        Args:
            known: `identity` of the file that it printed to.
        """
        lines = self._folder.tail(self._folder.printed_bytes)
        if not lines:
            return 0
        end = self._end_of_file() if known is not None and known == self.identity else None
        if end is None:
            lines = [b'{"again": true, ' + line[1:] for line in lines]
        self._write(b"".join(lines) if end is None else _left(lines, end))
        self._folder.note_printed()
        return len(lines) if end is None else 0

    def _end_of_file(self) -> bytes | None:
        """Return the end of what is printed so far; None where it cannot be read."""
        try:
            with Path(f"/proc/self/fd/{self._target}").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_BYTES))
                return file.read()
        except OSError:
            return None

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._target, rest) :]


def _left(lines: list[bytes], end: bytes) -> bytes:
    """Return what of the lines does not stand at the end of a file, whose last line may be torn."""
    whole, _, torn = end.rpartition(b"\n")
    last = _number(whole.rpartition(b"\n")[2])
    left = b"".join(line for line in lines if last is None or (_number(line) or 0) > last)
    return left.removeprefix(torn) if left.startswith(torn) else b"\n" + left


def _number(line: bytes) -> int | None:
    try:
        found = json.loads(line)
        return int(found["window"])
    except (ValueError, KeyError, TypeError):
        return None
