"""Who holds the node: told on stderr to whoever waits for it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

PATIENCE_S = 1.0
"""A wait this short is not worth a word."""


class Holder:
    """A small file beside the node's lock with the process that measures and the run that it belongs to.

    It is a courtesy: nothing but a sentence depends on it, and what cannot be written is left out.

    Args:
        lock: the file of the lock.
        run: a process that all workers of this run have in common.
    """

    def __init__(self, lock: Path, run: int) -> None:
        self._file, self._run = lock.with_name(f"{lock.name}.holder"), run
        self._told = False

    def enter(self) -> None:
        """Write that this process measures from now on."""
        with suppress(OSError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
            with os.fdopen(os.open(self._file, flags, 0o600), "w") as file:
                file.write(f"{os.getpid()} {self._run}")

    def leave(self) -> None:
        """Take it back, before the lock is lifted."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def tell(self) -> None:
        """Say once for whom this process waits, where that is a process of another run."""
        if self._told:
            return
        with suppress(OSError, ValueError):
            process, run = map(int, self._file.read_text().split())
            if run == self._run:
                return
            os.kill(process, 0)  # a process that ended left its word behind, and the lock is free
            self._told = True
            print(
                f"waiting: process {process}, of another run, is measured on this machine; "
                "measured trials take turns",
                file=sys.stderr,
                flush=True,
            )
