"""What the index keeps of one run: one row a method, with medians over the seeds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from qwatt.core.home import from_home

METRICS = ("quality", "energy_j", "seconds", "simulation_j")
"""Compared over runs: the task's own metric, joules of a trial, its seconds, joules of simulating."""


@dataclass(frozen=True)
class MethodRow:
    """A method's trials in a run; a number is None where no trial has it."""

    task: str
    method: str
    kind: str
    source: str
    size: str
    backend: str
    shots: int | None
    metric: str
    trials: int
    failed: int
    quality: float | None
    energy_j: float | None
    seconds: float | None
    simulation_j: float | None

    @property
    def values(self) -> tuple[Any, ...]:
        """All fields in order."""
        return astuple(self)


@dataclass(frozen=True)
class RunDigest:
    """A run.

    Args:
        rows: by method, source and so on.
        trials: distinct trials.
        failed: of them.
        damaged: lines that are no trial record.
        energy_j: joules of all trials whose energy is known; None where none is.
        seconds: of all trials.
    """

    rows: list[MethodRow]
    trials: int
    failed: int
    damaged: int
    energy_j: float | None
    seconds: float


def digest_of(file: Path) -> RunDigest:
    """Read a run's trials; of one tried again, the last. A damaged line is counted, never an error."""
    records: dict[str, dict[str, Any]] = {}
    damaged = 0
    with file.open("rb") as stream:
        for line in stream:
            record = _record(line)
            if record is None:
                damaged += 1
            else:
                records[record["id"]] = record
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for record in records.values():
        groups.setdefault(_key(record), []).append(record)
    rows = [_row(key, group) for key, group in groups.items()]
    joules = _numbers(_joules(r, "host_energy") for r in records.values())
    return RunDigest(
        rows,
        len(records),
        sum(row.failed for row in rows),
        damaged,
        sum(joules) if joules else None,
        sum(_numbers(r.get("seconds") for r in records.values())),
    )


_TEXTS = ("id", "task", "method", "kind", "source", "size", "backend", "metric", "status")


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not all(isinstance(record.get(name), str) for name in _TEXTS):
        return None
    return record | {"source": from_home(record["source"])}  # as later formats write it


def _key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    shots = record.get("shots")
    texts = (_text(record[name]) for name in ("task", "method", "kind", "source", "size", "backend"))
    return (*texts, shots if isinstance(shots, int) and -(2**63) <= shots < 2**63 else None)


def _row(key: tuple[Any, ...], group: list[dict[str, Any]]) -> MethodRow:
    done = [r for r in group if r["status"] == "done"]

    def middle(values: Iterable[Any]) -> float | None:
        numbers = _numbers(values)
        return median(numbers) if numbers else None

    found = (
        _text(group[-1]["metric"]),
        len(group),
        len(group) - len(done),
        middle(r.get("quality") for r in done),
        middle(_joules(r, "host_energy") for r in done),
        middle(r.get("seconds") for r in done),
        middle(_joules(r, "simulation_energy") for r in done),
    )
    return MethodRow(*(*key, *found))


def _joules(record: Mapping[str, Any], name: str) -> Any:
    energy = record.get(name)
    return energy.get("value_j") if isinstance(energy, dict) else None


def _numbers(values: Iterable[Any]) -> list[float]:
    """Return those that are finite numbers."""
    kept = (v for v in values if isinstance(v, int | float) and not isinstance(v, bool))
    return [float(v) for v in kept if abs(v) < 1e300]


def _text(text: str) -> str:
    """Return text that a database can hold: half a character is written escaped."""
    return text.encode("utf-8", "backslashreplace").decode()
