"""A trial as a line that this version wrote holds it: trusted by its digest, and built only where asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

import msgspec

from qwatt.core.energy_record import Energy
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.ring import Ring
from qwatt.core.trial import Candidate, PhaseSum, Trial, TrialSpec

T = TypeVar("T")

_NOTHING, _EMPTY = msgspec.Raw(b"{}"), msgspec.Raw(b"[]")


class EnergyLine(msgspec.Struct, gc=False):
    """An energy, as `energy_record` writes it."""

    value_j: float | None
    low_j: float | None
    high_j: float | None
    basis: Basis
    boundary: Boundary | None
    reason: str | None = None


class TrialLine(msgspec.Struct, gc=False):
    """A whole line; what few ask for stays text, and fields that older lines lack are empty."""

    id: str
    task: str
    method: str
    source: str
    size: str
    seed: int
    backend: str
    shots: int | None
    tuning_trials: int
    fixed: list[tuple[str, Any]]
    kind: str
    metric: str
    status: str
    environment: str
    quality: float | None = None
    seconds: float = 0.0
    host_energy: EnergyLine | None = None
    simulation_energy: EnergyLine | None = None
    shared_energy: EnergyLine | None = None
    classical_remainder: EnergyLine | None = None
    extras: msgspec.Raw = _NOTHING
    settings: msgspec.Raw = _NOTHING
    phases: msgspec.Raw = _NOTHING
    demand: msgspec.Raw = _NOTHING
    qpu: msgspec.Raw = _NOTHING
    node: msgspec.Raw = _NOTHING
    error: str | None = None
    traceback: str | None = None
    counters: msgspec.Raw = _NOTHING
    projected: msgspec.Raw = _NOTHING
    notes: msgspec.Raw = _NOTHING
    tuning: msgspec.Raw = _EMPTY
    stochastic: bool = False
    artifacts: list[str] = []
    artifact_digest: str | None = None
    artifact_source: str | None = None
    source_digest: str | None = None
    data: list[str] = []


_LINE: msgspec.json.Decoder[TrialLine] = msgspec.json.Decoder(TrialLine)
_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class _Built(Generic[T]):
    """A field that is built when it is first asked for, from the line's field of the same name.

    `functools.cached_property` does the same, but takes a lock each time in Python 3.11.
    """

    def __init__(self, build: Callable[[Any], T]) -> None:
        self._build = build

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, trial: None, owner: type) -> _Built[T]: ...
    @overload
    def __get__(self, trial: RecordedTrial, owner: type) -> T: ...
    def __get__(self, trial: RecordedTrial | None, owner: type) -> _Built[T] | T:
        if trial is None:
            return self
        own = trial.__dict__
        built: T = self._build(getattr(own["_found"], self._name))
        own[self._name] = built
        return built


def _energy(found: EnergyLine | None) -> Energy | None:
    if found is None:
        return None
    ends = found.value_j, found.low_j, found.high_j
    return Quantity(*ends, "J", found.basis, found.boundary, found.reason)


class _Phase(msgspec.Struct):
    ring: int
    seconds: float
    energy: EnergyLine
    simulated: bool
    note: str


_PHASES: msgspec.json.Decoder[dict[str, _Phase]] = msgspec.json.Decoder(dict[str, _Phase])


def _phases(found: msgspec.Raw) -> dict[str, PhaseSum]:
    sums = {}
    for name, one in _PHASES.decode(found).items():
        energy = _energy(one.energy)
        assert energy is not None
        sums[name] = PhaseSum(Ring(one.ring), one.seconds, energy, one.simulated, one.note)
    return sums


def _candidates(found: msgspec.Raw) -> list[Candidate]:
    return [Candidate(one["settings"], one["validation"]) for one in _ANY.decode(found)]


class RecordedTrial(Trial):
    """A trial whose energies, phases, tables and candidates are built when they are asked for.

    So a run of a hundred thousand trials is read in a second or two; what is built is what `from_record`
    builds.

    Args:
        found: what the line holds.
        line: the whole line, which was checked against its digest.
    """

    line: bytes

    def __init__(self, found: TrialLine, line: bytes) -> None:
        spec = object.__new__(TrialSpec)
        spec.__dict__.update(
            task=found.task,
            method=found.method,
            source=found.source,
            size=found.size,
            seed=found.seed,
            backend=found.backend,
            shots=found.shots,
            tuning_trials=found.tuning_trials,
            fixed=tuple(found.fixed),
            id=found.id,
        )
        self.__dict__.update(
            spec=spec,
            kind=found.kind,
            metric=found.metric,
            status=found.status,
            quality=found.quality,
            seconds=found.seconds,
            environment=found.environment,
            error=found.error,
            traceback=found.traceback,
            stochastic=found.stochastic,
            artifacts=found.artifacts,
            artifact_digest=found.artifact_digest,
            artifact_source=found.artifact_source,
            source_digest=found.source_digest,
            data=found.data,
            _found=found,
            line=line,
        )

    host_energy = _Built(_energy)
    simulation_energy = _Built(_energy)
    shared_energy = _Built(_energy)
    classical_remainder = _Built(_energy)
    extras = _Built(_ANY.decode)
    settings = _Built(_ANY.decode)
    phases = _Built(_phases)
    demand = _Built(_ANY.decode)
    qpu = _Built(_ANY.decode)
    node = _Built(_ANY.decode)
    counters = _Built(_ANY.decode)
    projected = _Built(_ANY.decode)
    notes = _Built(_ANY.decode)
    tuning = _Built(_candidates)

    def to_record(self) -> dict[str, Any]:
        """Return the line's record."""
        record: dict[str, Any] = _ANY.decode(self.line)
        whole = {name: value for name, value in record.items() if name not in ("sha256", "line")}
        return whole | {"fixed": tuple(map(tuple, whole["fixed"]))}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trial) and self.to_record() == other.to_record()

    __hash__ = None  # type: ignore[assignment]


def recorded(line: bytes) -> RecordedTrial | None:
    """Return the trial of a line that was checked; None where it holds what only the strict reader takes.

    Such as half a character in a text, which UTF-8 cannot hold.
    """
    try:
        return RecordedTrial(_LINE.decode(line), line)
    except msgspec.MsgspecError:
        return None
