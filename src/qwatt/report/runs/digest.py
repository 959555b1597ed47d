"""What the index keeps of one run: one row a method, with medians over the seeds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from qwatt.core.energy_log import read_energy
from qwatt.core.errors import QwattError
from qwatt.core.home import from_home
from qwatt.core.quantity import total
from qwatt.core.trial_lines import is_as_written, is_unchanged

METRICS = ("quality", "energy_j", "seconds", "simulation_j")
"""Compared over runs: the task's own metric, joules of a trial, its seconds, joules of simulating."""

TRIALS = "trials.jsonl"
_MOST = 1e300


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
        damaged: lines that are no trial record, or were changed since.
        energy_j: joules of all trials whose energy is known; None where none is.
        seconds: of all trials.
        recorded: stretches of the user's own work whose energy was recorded, parts of others left out. Where
            there are no trials, joules and seconds are theirs, the joules where all have one boundary.
        stages: their stages.
    """

    rows: list[MethodRow]
    trials: int
    failed: int
    damaged: int
    energy_j: float | None
    seconds: float
    recorded: int = 0
    stages: tuple[str, ...] = ()


class _Energy(msgspec.Struct, gc=False):
    value_j: float | None


class _Line(msgspec.Struct, gc=False):
    """What the index reads of a trial."""

    id: str
    task: str
    method: str
    kind: str
    source: str
    size: str
    backend: str
    metric: str
    status: str
    shots: int | None = None
    quality: float | None = None
    seconds: float | None = None
    host_energy: _Energy | None = None
    simulation_energy: _Energy | None = None


_LINE: msgspec.json.Decoder[_Line] = msgspec.json.Decoder(_Line)
_TEXTS = ("id", "task", "method", "kind", "source", "size", "backend", "metric", "status")


def digest_of(folder: Path) -> RunDigest:
    """Read a run's trials; of one tried again, the last. A damaged line is counted, never an error."""
    lines: dict[str, _Line] = {}
    damaged = 0
    for text in _texts(folder / TRIALS):
        line = _line(text)
        if line is None:
            damaged += 1
        else:
            lines[line.id] = line
    groups: dict[tuple[Any, ...], list[_Line]] = {}
    for line in lines.values():
        groups.setdefault(_key(line), []).append(line)
    rows = [_row(key, group) for key, group in groups.items()]
    joules = _numbers(_joules(line.host_energy) for line in lines.values())
    seconds = sum(_numbers(line.seconds for line in lines.values()))
    failed = sum(row.failed for row in rows)
    digest = RunDigest(rows, len(lines), failed, damaged, sum(joules) if joules else None, seconds)
    return _with_recorded(digest, folder)


def _texts(file: Path) -> Iterable[bytes]:
    if file.is_file():
        with file.open("rb") as stream:
            yield from stream


def _with_recorded(digest: RunDigest, folder: Path) -> RunDigest:
    try:
        work = read_energy(folder).whole
    except QwattError:  # `qwatt report` says which line
        return replace(digest, damaged=digest.damaged + 1)
    if not work:
        return digest
    digest = replace(digest, recorded=len(work), stages=tuple(dict.fromkeys(row.stage for row in work)))
    if digest.trials:
        return digest
    try:
        joules = total(row.energy.to("J") for row in work).value
    except QwattError:  # of several boundaries, which are not added
        joules = None
    return replace(digest, energy_j=joules, seconds=sum(row.seconds for row in work))


def _line(text: bytes) -> _Line | None:
    """Return what a line says; None where it is no trial record, or was changed after it was written."""
    if is_as_written(text):
        try:
            return _LINE.decode(text)
        except msgspec.MsgspecError:  # half a character, which the other reader takes
            pass
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not all(isinstance(record.get(name), str) for name in _TEXTS):
        return None
    return _earlier(record) if is_unchanged(record) else None


def _earlier(record: dict[str, Any]) -> _Line:
    """Return a record of an earlier format, or one whose fields are of odd types, which are left out."""
    plain: dict[str, Any] = {name: record[name] for name in _TEXTS}
    plain["source"] = from_home(record["source"])  # as later formats write it
    plain["shots"] = record.get("shots") if isinstance(record.get("shots"), int) else None
    plain |= {name: _number(record.get(name)) for name in ("quality", "seconds")}
    for name in ("host_energy", "simulation_energy"):
        energy = record.get(name)
        plain[name] = {"value_j": _number(energy.get("value_j"))} if isinstance(energy, dict) else None
    return msgspec.convert(plain, _Line)


def _key(line: _Line) -> tuple[Any, ...]:
    texts = map(_text, (line.task, line.method, line.kind, line.source, line.size, line.backend))
    shots = line.shots
    return (*texts, shots if shots is not None and -(2**63) <= shots < 2**63 else None)


def _row(key: tuple[Any, ...], group: list[_Line]) -> MethodRow:
    done = [line for line in group if line.status == "done"]

    def middle(values: Iterable[float | None]) -> float | None:
        numbers = _numbers(values)
        return median(numbers) if numbers else None

    found = (
        _text(group[-1].metric),
        len(group),
        len(group) - len(done),
        middle(line.quality for line in done),
        middle(_joules(line.host_energy) for line in done),
        middle(line.seconds for line in done),
        middle(_joules(line.simulation_energy) for line in done),
    )
    return MethodRow(*(*key, *found))


def _joules(energy: _Energy | None) -> float | None:
    return None if energy is None else energy.value_j


def _number(value: Any) -> float | None:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain and abs(value) < _MOST else None


def _numbers(values: Iterable[float | None]) -> list[float]:
    """Return those that are known and can be added up."""
    return [value for value in values if value is not None and abs(value) < _MOST]


def _text(text: str) -> str:
    """Return text that a database can hold: half a character is written escaped."""
    return text.encode("utf-8", "backslashreplace").decode()
