"""The machine that a trial runs on, which a measured trial has for itself."""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from qwatt.core.errors import QwattError
from qwatt.protocol.holder import PATIENCE_S, Holder

LOCK = "QWATT_NODE_LOCK"
"""Environment variable: the file of the lock; by default one a user and machine."""


class Node:
    """This machine. One measured trial runs alone on it; what is not measured runs beside what is not.

    The system lifts the lock of a process that ends, however it ends.

    Args:
        waits: whether to wait until no other trial is measured here; else the trial runs at once, and its
            record says that it was not alone, or None where no lock can be kept to tell.

    Raises:
        QwattError: it is to wait, and no lock can be kept.
    """

    def __init__(self, waits: bool) -> None:
        self.waits = waits
        self._file = _lock_file()
        self._lock: Any = None
        self._holder = Holder(self._file, os.getppid() if waits else os.getpid())  # workers share a parent
        try:
            from filelock import ReadWriteLock

            lock = ReadWriteLock(self._file)
            with lock.read_lock(blocking=False):
                self._lock = lock
        except TimeoutError:  # somebody measures: the lock works
            self._lock = lock
        except (OSError, sqlite3.Error) as error:
            if waits:
                mend = f"set {LOCK} to a file in a local folder that you can write to"
                what = f"no lock can be kept, so that trials would not run alone: {error}"
                raise QwattError(what, where=str(self._file), mend=mend) from error

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Keep what is measured away meanwhile, such as while a problem is loaded."""
        if not self.waits:
            yield
            return
        self._wait(self._lock.acquire_read)
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def alone(self) -> Iterator[dict[str, Any]]:
        """Keep every other trial away meanwhile; what is yielded goes into the record."""
        from filelock import Timeout

        if self._lock is None:
            yield describe_node() | {"alone": None}
            return
        try:
            if self.waits:
                self._wait(self._lock.acquire_write)
            else:
                self._lock.acquire_write(blocking=False)
        except Timeout:
            yield describe_node() | {"alone": False}
            return
        self._holder.enter()
        try:
            yield describe_node() | {"alone": True}
        finally:
            self._holder.leave()
            self._lock.release()

    def _wait(self, acquire: Callable[..., object]) -> None:
        """Acquire the lock, however long it takes; a longer wait for another run is told."""
        from filelock import Timeout

        while True:
            try:
                acquire(timeout=PATIENCE_S)
            except Timeout:
                self._holder.tell()
            else:
                return


@cache
def describe_node() -> dict[str, Any]:
    """Return a pseudonym of this host, which tells nodes apart and names none, and its processor."""
    from qwatt.protocol.environment import cpu_name

    return {"host": sha256(platform.node().encode()).hexdigest()[:8], "cpu": cpu_name()}


def _lock_file() -> Path:
    stated = os.environ.get(LOCK)
    return Path(stated) if stated else Path(tempfile.gettempdir()) / f"qwatt-node-{_user()}.lock"


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "all"
