"""A trial as a line that this version wrote holds it: trusted by its digest, and built only where asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, Generic, Literal, TypeVar, cast, overload

import msgspec

from qwatt.core.energy_record import MOST_J, Energy
from qwatt.core.errors import QwattError
from qwatt.core.limits import MOST_NUMBER
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.core.ring import Ring
from qwatt.core.stage_energy import LONGEST_S
from qwatt.core.trial import Candidate, PhaseSum, Trial, TrialSpec

T = TypeVar("T")

Joules = Annotated[float, msgspec.Meta(ge=-MOST_J, le=MOST_J)]
Number = Annotated[float, msgspec.Meta(ge=-MOST_NUMBER, le=MOST_NUMBER)]
Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=LONGEST_S)]
Inside = Annotated[str, msgspec.Meta(pattern=r"^(?!/)(?!(.*/)?\.\.(/|$))")]
"""A path that does not lead out of the run folder."""
_NOTHING, _EMPTY = msgspec.Raw(b"{}"), msgspec.Raw(b"[]")


class EnergyLine(msgspec.Struct, gc=False):
    """An energy, as `energy_record` writes it."""

    value_j: Joules | None
    low_j: Joules | None
    high_j: Joules | None
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
    fixed: tuple[tuple[str, Any], ...]
    kind: Literal["classical", "quantum", "inspired", "control"]
    metric: str
    status: Literal["done", "failed"]
    environment: str
    quality: Number | None = None
    seconds: Seconds = 0.0
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
    artifacts: list[Inside] = []
    artifact_digest: str | None = None
    artifact_source: Inside | None = None
    source_digest: str | None = None
    data: list[str] = []


_LINE: msgspec.json.Decoder[TrialLine] = msgspec.json.Decoder(TrialLine)
_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_TABLE: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any])


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
        found = getattr(trial._found, self._name)
        try:
            built = cast(T, None) if found is None else self._build(found)
        except (msgspec.MsgspecError, QwattError, ValueError):  # the digest is right, what it is of is not
            built = getattr(_strictly(trial), self._name)
        setattr(trial, self._name, built)
        return built


def _strictly(trial: RecordedTrial) -> Trial:
    """Return what the strict reader reads of a line.

    Raises:
        QwattError: it refuses it too, as a line that no version of ours wrote; names the trial.
    """
    try:
        return Trial.from_record(trial.to_record())
    except QwattError as error:
        spec = trial.spec
        raise QwattError(
            f"not a trial record: {error.what}",
            where=f"trials.jsonl, {spec.method}, seed {spec.seed}",
            mend=f"delete the line with the id {spec.id}; the run will repeat that trial",
        ) from error


def _as_it_stands(name: str) -> Any:
    """Return a property: a field that stands in the line as it is."""
    return property(attrgetter(f"_found.{name}"))


def _energy(found: EnergyLine | None) -> Energy | None:
    if found is None:
        return None
    ends = found.value_j, found.low_j, found.high_j
    return Quantity(*ends, "J", found.basis, found.boundary, found.reason)


class _Phase(msgspec.Struct):
    ring: int
    seconds: Seconds
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


class _Candidate(msgspec.Struct):
    settings: dict[str, Any]
    validation: float | None


_CANDIDATES: msgspec.json.Decoder[list[_Candidate]] = msgspec.json.Decoder(list[_Candidate])


def _candidates(found: msgspec.Raw) -> list[Candidate]:
    return [Candidate(one.settings, one.validation) for one in _CANDIDATES.decode(found)]


class _Interval(msgspec.Struct):
    value: Number | None
    low: Number | None = None
    high: Number | None = None


class _Cost(msgspec.Struct):
    energy_j: _Interval | None
    seconds: _Interval | Number | None
    usd: _Interval | Number | None
    fidelity: _Interval | Number | None
    executable: bool
    why: str


_COSTS: msgspec.json.Decoder[dict[str, _Cost]] = msgspec.json.Decoder(dict[str, _Cost])


def _costs(found: msgspec.Raw) -> dict[str, dict[str, Any]]:
    """Return what a trial would cost on QPUs, as it stands there."""
    _COSTS.decode(found)
    costs: dict[str, dict[str, Any]] = _ANY.decode(found)
    return costs


@lru_cache(maxsize=1024)
def _first(*maker: Any) -> TrialSpec:
    """Return a specification at seed 0; those of a run that differ by nothing else share what it holds."""
    task, method, source, size, backend, shots, tuning_trials, fixed = maker
    return TrialSpec(task, method, source, size, 0, backend, shots, tuning_trials, fixed)


def _spec(found: TrialLine) -> TrialSpec:
    facts = found.task, found.method, found.source, found.size, found.backend, found.shots
    make = _first.__wrapped__ if found.fixed else _first  # 1, 1.0 and True are one key
    spec: TrialSpec = make(*facts, found.tuning_trials, found.fixed).at(found.seed)
    spec.__dict__["id"] = found.id
    return spec


class RecordedTrial(Trial):
    """A trial whose energies, phases, tables and candidates are built when they are asked for.

    So a run of a hundred thousand trials is read in a second or two; what is built is what `from_record`
    builds.

    Args:
        found: what the line holds.
        line: the whole line, which was checked against its digest.
    """

    line: bytes
    _found: TrialLine

    def __init__(self, found: TrialLine, line: bytes) -> None:
        self.spec = _spec(found)
        self.status, self.quality = found.status, found.quality
        self._found, self.line = found, line

    kind = _as_it_stands("kind")
    metric = _as_it_stands("metric")
    seconds = _as_it_stands("seconds")
    environment = _as_it_stands("environment")
    error = _as_it_stands("error")
    traceback = _as_it_stands("traceback")
    stochastic = _as_it_stands("stochastic")
    artifacts = _as_it_stands("artifacts")
    artifact_digest = _as_it_stands("artifact_digest")
    artifact_source = _as_it_stands("artifact_source")
    source_digest = _as_it_stands("source_digest")
    data = _as_it_stands("data")
    host_energy = _Built(_energy)
    simulation_energy = _Built(_energy)
    shared_energy = _Built(_energy)
    classical_remainder = _Built(_energy)
    extras = _Built(_TABLE.decode)
    settings = _Built(_TABLE.decode)
    phases = _Built(_phases)
    demand = _Built(_TABLE.decode)
    qpu = _Built(_costs)
    node = _Built(_TABLE.decode)
    counters = _Built(_TABLE.decode)
    projected = _Built(_TABLE.decode)
    notes = _Built(_TABLE.decode)
    tuning = _Built(_candidates)

    @property
    def settings_line(self) -> bytes:
        """The settings as the line has them."""
        return bytes(self._found.settings)

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
