"""The index: an SQLite file in the cache, brought up to date by size and time of each run's trials."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import time_ns

from filelock import FileLock, Timeout

from qwatt.core.cache import cache_folder
from qwatt.core.errors import QwattError
from qwatt.core.progress import tell
from qwatt.report.runs.digest import MethodRow, digest_of
from qwatt.report.runs.find import FoundRun, find_runs

PATIENCE_S = 60.0
"""How long a process waits for another that reads or writes the index."""
VERSION = 3
"""Another one's file is made anew."""
_SETTLED_NS = 2_000_000_000
"""A file written so short a time ago may be written again within the clock's grain: read it again."""

_RUNS = """CREATE TABLE runs (
    id INTEGER PRIMARY KEY, path BLOB UNIQUE NOT NULL, size INTEGER, mtime_ns INTEGER, settled INTEGER,
    trials INTEGER, failed INTEGER, damaged INTEGER, energy_j REAL, seconds REAL,
    recorded INTEGER, tasks TEXT)"""
_COLUMNS = tuple(MethodRow.__dataclass_fields__)
_ROWS = f"CREATE TABLE methods (run INTEGER NOT NULL, {', '.join(_COLUMNS)})"
_ADD = f"INSERT INTO methods VALUES (?{', ?' * len(_COLUMNS)})"


@contextmanager
def opened(roots: Sequence[Path], rebuild: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the index, up to date, with the runs below some folders in the temporary table `asked (run)`.

    Args:
        roots: folders.
        rebuild: make it anew.

    Raises:
        QwattError: a root is no folder, or the cache cannot be written.
    """
    found = find_runs(roots)
    with _alone():
        try:
            index = _up_to_date(found, rebuild)
        except sqlite3.Error as error:
            mend = "make room there, or set QWATT_CACHE to a folder you can write to"
            raise QwattError(f"the index of runs: {error}", where=str(cache_folder()), mend=mend) from error
        with closing(index):
            yield index


def _up_to_date(found: Sequence[FoundRun], rebuild: bool) -> sqlite3.Connection:
    index = _connect(rebuild)
    try:
        _update(index, found)
    except BaseException:
        index.close()
        raise
    return index


@contextmanager
def _alone() -> Iterator[None]:
    """Keep others from making the file anew under one who reads it.

    Raises:
        QwattError: another process holds it for long, or no lock can be made in the cache.
    """
    lock = FileLock(cache_folder() / "runs.lock", timeout=PATIENCE_S)
    try:
        lock.acquire()
    except (Timeout, OSError) as error:
        what = "held by another process" if isinstance(error, Timeout) else f"no lock: {error}"
        mend = "wait for it, or set QWATT_CACHE to a folder you can write to"
        raise QwattError(f"the index of runs: {what}", where=str(lock.lock_file), mend=mend) from error
    try:
        yield
    finally:
        lock.release()


def _connect(rebuild: bool) -> sqlite3.Connection:
    """Connect to the file, which is made anew when it is asked for, of another version or damaged."""
    file, why = cache_folder() / "runs.sqlite", ""
    for attempt in range(2):
        if rebuild or attempt:
            for tail in ("", "-journal", "-wal", "-shm"):
                Path(f"{file}{tail}").unlink(missing_ok=True)
        index = sqlite3.connect(file, timeout=30.0)
        try:
            if index.execute("PRAGMA user_version").fetchone()[0] == VERSION:
                index.execute("SELECT count(*) FROM runs JOIN methods ON methods.run = runs.id LIMIT 1")
                return index
            if not index.execute("SELECT 1 FROM sqlite_master").fetchone():
                _create(index)
                return index
        except sqlite3.DatabaseError as error:
            why = str(error)
        index.close()
    raise sqlite3.DatabaseError(f"{file} cannot be made anew: {why}")


def _create(index: sqlite3.Connection) -> None:
    with index:
        for statement in (_RUNS, _ROWS, "CREATE INDEX by_run ON methods (run)"):
            index.execute(statement)
        index.execute("CREATE INDEX by_method ON methods (task, method)")
        index.execute(f"PRAGMA user_version = {VERSION}")


def _update(index: sqlite3.Connection, found: Sequence[FoundRun]) -> None:
    """Read what is new or changed, forget what is gone, and note which runs were asked for."""
    known = {
        bytes(path): (run, size, mtime_ns, settled)
        for run, path, size, mtime_ns, settled in index.execute(
            "SELECT id, path, size, mtime_ns, settled FROM runs"
        )
    }
    asked: list[tuple[int]] = []
    changed: list[FoundRun] = []
    for run in found:
        entry = known.get(os.fsencode(run.path))
        if entry is not None and entry[1:] == (run.size, run.mtime_ns, 1):
            asked.append((entry[0],))
        else:
            changed.append(run)
    with index:
        for number, run in enumerate(changed):
            tell(number, len(changed), "runs indexed")
            entry = known.get(os.fsencode(run.path))
            asked.append((_read(index, run, None if entry is None else entry[0]),))
        index.execute("CREATE TEMP TABLE asked (run INTEGER PRIMARY KEY)")
        index.executemany("INSERT OR IGNORE INTO asked VALUES (?)", asked)


def _read(index: sqlite3.Connection, run: FoundRun, old: int | None) -> int:
    if old is not None:
        index.execute("DELETE FROM methods WHERE run = ?", (old,))
        index.execute("DELETE FROM runs WHERE id = ?", (old,))
    digest = digest_of(Path(run.path))
    recorded = [f"recorded: {', '.join(digest.stages)}"] if digest.stages else []
    tasks = ", ".join([*dict.fromkeys(row.task for row in digest.rows), *recorded])
    settled = int(time_ns() - run.mtime_ns > _SETTLED_NS)
    counts = digest.trials, digest.failed, digest.damaged
    values = (os.fsencode(run.path), run.size, run.mtime_ns, settled, *counts)
    identifier = index.execute(
        "INSERT INTO runs (path, size, mtime_ns, settled, trials, failed, damaged, energy_j, seconds, "
        "recorded, tasks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*values, digest.energy_j, digest.seconds, digest.recorded, tasks),
    ).lastrowid
    index.executemany(_ADD, [(identifier, *row.values) for row in digest.rows])
    return int(identifier or 0)
