"""Questions to the index: which runs there are, a metric over all of them, and along time."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from qwatt.core.errors import unknown_name
from qwatt.report.runs.digest import METRICS


@dataclass(frozen=True)
class RunLine:
    """A run in the list.

    Args:
        path: its folder.
        last: when its last trial or recorded work was written.
        tasks: its tasks, and the stages of recorded work.
        trials, failed, damaged: trials, those that failed, and lines that are no records.
        energy_j: joules of its trials, as far as they are known; None where none is.
        seconds: of its trials.
        recorded: stretches of recorded work. Where there are no trials, joules and seconds are theirs.
    """

    path: str
    last: str
    tasks: str
    trials: int
    failed: int
    damaged: int
    energy_j: float | None
    seconds: float
    recorded: int


def list_runs(index: sqlite3.Connection, task: str | None = None) -> list[RunLine]:
    """Return the runs, the latest first; of one task if it is named."""
    only = "AND runs.id IN (SELECT run FROM methods WHERE task = :task)" if task else ""
    found = index.execute(
        "SELECT path, mtime_ns, tasks, trials, failed, damaged, energy_j, seconds, recorded FROM runs "
        f"JOIN asked ON asked.run = runs.id WHERE 1 {only} ORDER BY mtime_ns DESC, path",
        {"task": task},
    )
    return [RunLine(os.fsdecode(path), _when(ns), *rest) for path, ns, *rest in found]


@dataclass(frozen=True)
class Compared:
    """What is compared over runs, each run counting by the median of its seeds: only like with like."""

    task: str
    method: str
    source: str
    size: str
    backend: str
    shots: int | None


@dataclass(frozen=True)
class Spread(Compared):
    """A method's metric over runs.

    Args:
        runs: that have the metric.
        low, middle, high: over the runs.
        low_run, high_run: where the lowest and the highest are.
    """

    runs: int
    low: float
    middle: float
    high: float
    low_run: str
    high_run: str


def compare_runs(
    index: sqlite3.Connection, metric: str, task: str | None = None, method: str | None = None
) -> list[Spread]:
    """Return a metric's spread over all runs, a line for each method on each source, size and backend.

    Raises:
        QwattError: no such metric.
    """
    return [_spread(key, values) for key, values in _groups(_values(index, metric, task, method))]


def _spread(key: tuple[Any, ...], values: list[tuple[float, bytes]]) -> Spread:
    low, high = min(values), max(values)
    middle = median(value for value, _ in values)
    return Spread(*(*key, len(values), low[0], middle, high[0], os.fsdecode(low[1]), os.fsdecode(high[1])))


@dataclass(frozen=True)
class Series(Compared):
    """A method's metric along time.

    Args:
        points: (when its last trial was written, run folder, median over the seeds), the oldest first.
    """

    points: tuple[tuple[str, str, float], ...]

    @property
    def change(self) -> float | None:
        """The last point over the median of those before it, less one; None where there is none."""
        values = [value for _, _, value in self.points]
        before = median(values[:-1]) if len(values) > 1 else 0.0
        return values[-1] / before - 1.0 if before else None


def trend_of(
    index: sqlite3.Connection, metric: str, task: str | None = None, method: str | None = None
) -> list[Series]:
    """Return a metric along time, a series for each method on each source, size and backend.

    Raises:
        QwattError: no such metric.
    """
    times = index.execute("SELECT path, mtime_ns FROM runs ORDER BY mtime_ns, path")
    runs = {path: (number, _when(ns), os.fsdecode(path)) for number, (path, ns) in enumerate(times)}
    values = sorted(_values(index, metric, task, method), key=lambda row: runs[row[-1]][0])
    return [
        Series(*(*key, tuple((*runs[path][1:], value) for value, path in points)))
        for key, points in _groups(values)
    ]


def _groups(values: list[Any]) -> list[tuple[tuple[Any, ...], list[tuple[float, bytes]]]]:
    """Return by what is compared its values with the runs they are of, in the given order."""
    groups: dict[tuple[Any, ...], list[tuple[float, bytes]]] = {}
    for *key, value, path in values:
        groups.setdefault(tuple(key), []).append((value, path))
    return sorted(groups.items(), key=lambda item: str(item[0]))


def _values(index: sqlite3.Connection, metric: str, task: str | None, method: str | None) -> list[Any]:
    if metric not in METRICS:
        raise unknown_name("metric", metric, METRICS)
    return index.execute(
        f"SELECT task, method, source, methods.size, backend, shots, methods.{metric}, path FROM methods "
        "JOIN asked ON asked.run = methods.run JOIN runs ON runs.id = methods.run "
        f"WHERE methods.{metric} IS NOT NULL AND (:task IS NULL OR task = :task) "
        "AND (:method IS NULL OR method = :method)",
        {"task": task, "method": method},
    ).fetchall()


def _when(ns: int) -> str:
    return datetime.fromtimestamp(ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M")
