"""One method on one problem on one backend with one seed: its identity and its record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from qwatt.core.quantity import Quantity


@dataclass(frozen=True)
class TrialSpec:
    """Everything that determines a trial's result; equal specs give equal results.

    Args:
        task: the task's name.
        method: the method's name inside the task.
        source: built-in data set, path, or "@task" of the same study.
        size: rung of the task's ladder, or "full".
        seed: seed of the problem and of the method.
        backend: backend spec, such as "engine".
        shots: shots per circuit, or None for exact expectation values.
        tuning_trials: settings that the tuner may try.
    """

    task: str
    method: str
    source: str
    size: str
    seed: int
    backend: str
    shots: int | None
    tuning_trials: int

    @property
    def id(self) -> str:
        """A short digest of the specification."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def problem_key(self) -> tuple[str, str, str, int]:
        """What the problem depends on."""
        return self.task, self.source, self.size, self.seed

    def sequence(self) -> list[int]:
        """Seed words of the trial's own random generator."""
        digest = hashlib.sha256(f"{self.task}/{self.method}".encode()).digest()
        return [self.seed, int.from_bytes(digest[:8], "big")]


@dataclass
class Trial:
    """A finished trial: the specification, and what was found.

    Args:
        spec: the specification.
        kind: the method's kind.
        metric: name of the quality.
        status: "done" or "failed".
        quality: the task's metric on held-back data; None when failed.
        extras: further metrics.
        settings: the settings that the tuner chose.
        seconds: wall time of the whole trial.
        host_energy: ring (iii), everything the method did on this machine, tuning included.
        simulation_energy: the part that simulated circuits, or None for methods without circuits.
        phases: by name: seconds, energy and ring.
        demand: the QPU's bill as a record.
        qpu: by QPU id: modelled cost of the demand.
        environment: id of the environment in `environment.json`.
        error: why it failed.
        details: counters, projected counts, notes, tuning history, artifacts.
    """

    spec: TrialSpec
    kind: str
    metric: str
    status: str
    quality: float | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    host_energy: Quantity | None = None
    simulation_energy: Quantity | None = None
    phases: dict[str, dict[str, Any]] = field(default_factory=dict)
    demand: dict[str, Any] = field(default_factory=dict)
    qpu: dict[str, Any] = field(default_factory=dict)
    environment: str = ""
    error: str | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Whether it finished."""
        return self.status == "done"

    def to_record(self) -> dict[str, Any]:
        """Return the line of `trials.jsonl`."""
        record: dict[str, Any] = {"id": self.spec.id} | asdict(self.spec)
        for name in ("kind", "metric", "status", "quality", "extras", "settings", "seconds"):
            record[name] = getattr(self, name)
        record["host_energy"] = energy_record(self.host_energy)
        record["simulation_energy"] = energy_record(self.simulation_energy)
        for name in ("phases", "demand", "qpu", "environment", "error", "details"):
            record[name] = getattr(self, name)
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Trial:
        """Rebuild a trial from `to_record`'s form."""
        spec = TrialSpec(**{name: record[name] for name in TrialSpec.__dataclass_fields__})
        values: dict[str, Any] = {n: record[n] for n in cls.__dataclass_fields__ if n != "spec"}
        for name in ("host_energy", "simulation_energy"):
            values[name] = energy_from_record(values[name])
        return cls(spec=spec, **values)


def energy_record(energy: Quantity | None) -> dict[str, Any] | None:
    """Return an energy as the trial record writes it: joules, basis, boundary, reason."""
    if energy is None:
        return None
    joules = energy.to("J")
    return {
        "value_j": joules.value,
        "low_j": joules.low,
        "high_j": joules.high,
        "basis": joules.basis.value,
        "boundary": joules.boundary.value if joules.boundary else None,
    } | ({"reason": joules.reason} if joules.reason else {})


def energy_from_record(record: Mapping[str, Any] | None) -> Quantity | None:
    """Rebuild an energy from `energy_record`'s form."""
    if record is None:
        return None
    return Quantity(
        record["value_j"],
        record["low_j"],
        record["high_j"],
        "J",
        record["basis"],
        record["boundary"],
        record.get("reason"),
    )
