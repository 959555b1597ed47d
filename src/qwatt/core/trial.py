"""One method on one problem on one backend with one seed: its identity and what was found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any

from qwatt.core.energy_record import Energy
from qwatt.core.fixed import Fixed
from qwatt.core.ring import Ring

Maker = tuple[str, str, str, str, str, int | None, int, Fixed]
"""Task, method, source, size, backend, shots, tuning trials and fixed settings of a specification."""


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
        fixed: settings that the user fixed, sorted by name.
    """

    task: str
    method: str
    source: str
    size: str
    seed: int
    backend: str
    shots: int | None
    tuning_trials: int
    fixed: Fixed = ()

    @cached_property
    def id(self) -> str:
        """A short digest of the specification; without fixed settings that of before there were any."""
        before, after = self._around
        return hashlib.sha256(f"{before}{self.seed:d}{after}".encode()).hexdigest()[:16]

    def at(self, seed: int) -> TrialSpec:
        """Return the same at another seed; a study of many seeds is a hundred thousand specifications."""
        facts = self._alike.copy()
        facts["seed"] = seed
        other = object.__new__(TrialSpec)
        object.__setattr__(other, "__dict__", facts)
        return other

    @cached_property
    def maker(self) -> Maker:
        """All but the seed: what makes an artifact once a run."""
        return _MAKER(self)

    @cached_property
    def _around(self) -> tuple[str, str]:
        """Its JSON, keys sorted, before and after its seed."""
        return _around_seed(repr(self.fixed), *self.maker)

    @cached_property
    def _alike(self) -> dict[str, Any]:
        """What those of other seeds share with it."""
        facts = dict(zip(_BUT_SEED, self.maker, strict=True))
        return {**facts, "seed": 0, "maker": self.maker, "_around": self._around}

    @property
    def problem_key(self) -> tuple[str, str, str, int]:
        """What the problem depends on."""
        return self.task, self.source, self.size, self.seed

    def sequence(self) -> list[int]:
        """Seed words of the trial's own random generator."""
        digest = hashlib.sha256(f"{self.task}/{self.method}".encode()).digest()
        return [self.seed, int.from_bytes(digest[:8], "big")]


_BUT_SEED = tuple(name for name in TrialSpec.__dataclass_fields__ if name != "seed")
_MAKER: Callable[[TrialSpec], Maker] = attrgetter(*_BUT_SEED)


@lru_cache(maxsize=1024, typed=True)
def _around_seed(fixed: str, *values: Any) -> tuple[str, str]:
    """Return the JSON of a specification, its keys sorted, before and after its seed.

    Args:
        fixed: how its fixed settings are written, which tells 1 from 1.0 and True.
        values: of its other fields in order.
    """
    record: dict[str, Any] = dict(zip(_BUT_SEED, values, strict=True))
    if not record["fixed"]:
        del record["fixed"]
    before = {name: record.pop(name) for name in sorted(record) if name < "seed"}
    head, rest = json.dumps(before, sort_keys=True), json.dumps(record, sort_keys=True)
    return f'{head[:-1]}, "seed": ', f", {rest[1:]}"


@dataclass(frozen=True)
class PhaseSum:
    """All windows of one name in a trial.

    Args:
        ring: the ring they belong to.
        seconds: wall time, without the windows opened inside them.
        energy: joules, without the windows opened inside them.
        simulated: whether a QPU would do this work.
        note: a remark, such as that the work was done and measured earlier.
    """

    ring: Ring
    seconds: float
    energy: Energy
    simulated: bool = False
    note: str = ""


@dataclass(frozen=True)
class Candidate:
    """Settings that the tuner tried, and what they scored on validation data; None when that is no number."""

    settings: dict[str, Any]
    validation: float | None


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
        shared_energy: the part that is work which methods share, or None for methods that share none.
        classical_remainder: host energy without the simulation, or None for methods without circuits.
        phases: by name the windows of the trial.
        demand: the QPU's bill as a record.
        qpu: by QPU id: modelled cost of the demand.
        environment: id of the environment in `environment.json`.
        node: what it ran on: `host`, a pseudonym, `cpu`, and whether it was `alone` there.
        error: why it failed, in one line.
        traceback: where it failed.
        counters: executed work in units of its own.
        projected: counts that only a projection may use.
        notes: the method's remarks.
        tuning: what the tuner tried.
        stochastic: whether the method may reach its target by luck.
        artifacts: what was exported, relative to the run folder, the main file first.
        artifact_digest: SHA-256 of what was exported, as `qwatt.core.durable.digest_of` takes it.
        artifact_source: what an "@task" source stood for, relative to the run folder.
        source_digest: SHA-256 of the artifact that it stood for.
        data: what was left out of the user's data, and why.
    """

    spec: TrialSpec
    kind: str
    metric: str
    status: str
    quality: float | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    host_energy: Energy | None = None
    simulation_energy: Energy | None = None
    shared_energy: Energy | None = None
    classical_remainder: Energy | None = None
    phases: dict[str, PhaseSum] = field(default_factory=dict)
    demand: dict[str, Any] = field(default_factory=dict)
    qpu: dict[str, dict[str, Any]] = field(default_factory=dict)
    environment: str = ""
    node: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    traceback: str | None = None
    counters: dict[str, Any] = field(default_factory=dict)
    projected: dict[str, Any] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    tuning: list[Candidate] = field(default_factory=list)
    stochastic: bool = False
    artifacts: list[str] = field(default_factory=list)
    artifact_digest: str | None = None
    artifact_source: str | None = None
    source_digest: str | None = None
    data: list[str] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether it finished."""
        return self.status == "done"

    def to_record(self) -> dict[str, Any]:
        """Return the line of `trials.jsonl`, as `qwatt.core.trial_record` writes it."""
        from qwatt.core.trial_record import write

        return write(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Trial:
        """Rebuild a trial from a line of this or any earlier format.

        Raises:
            QwattError: a field is missing or of the wrong type; names it.
        """
        from qwatt.core.trial_record import read

        return read(record)
