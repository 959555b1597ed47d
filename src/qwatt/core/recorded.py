"""A trial as a line that this version wrote holds it: trusted by its digest, and built only where asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cached_property
from typing import Any

from qwatt.core.energy_record import Energy, energy_from_record
from qwatt.core.ring import Ring
from qwatt.core.trial import Candidate, PhaseSum, Trial, TrialSpec

_ENERGIES = ("host_energy", "simulation_energy", "shared_energy", "classical_remainder")
_BUILT = (*_ENERGIES, "phases", "tuning", "sha256", "line", "format")
_SPEC = tuple(field.name for field in fields(TrialSpec) if field.name != "fixed")


class RecordedTrial(Trial):
    """A trial whose energies, phases and candidates are built when they are asked for.

    So a run of a hundred thousand trials is read in seconds; what is built is what `from_record` builds.

    Args:
        record: the whole line, which was checked against its digest.
    """

    def __init__(self, record: dict[str, Any]) -> None:
        plain = dict(record)
        for name in _BUILT:
            plain.pop(name, None)
        named = {name: plain.pop(name) for name in _SPEC}
        spec = TrialSpec(**named, fixed=tuple(map(tuple, plain.pop("fixed"))))
        spec.__dict__["id"] = plain.pop("id")
        self.__dict__.update(plain, spec=spec, _record=record)

    def __getattr__(self, name: str) -> Any:
        """Return the default of a field that lines of this format may lack."""
        if name not in _DEFAULTS:
            raise AttributeError(name)
        return self.__dict__.setdefault(name, _DEFAULTS[name]())

    @cached_property
    def host_energy(self) -> Energy | None:  # type: ignore[override]
        """Ring (iii), everything the method did on this machine."""
        return self._energy("host_energy")

    @cached_property
    def simulation_energy(self) -> Energy | None:  # type: ignore[override]
        """The part that simulated circuits."""
        return self._energy("simulation_energy")

    @cached_property
    def shared_energy(self) -> Energy | None:  # type: ignore[override]
        """The part that is work which methods share."""
        return self._energy("shared_energy")

    @cached_property
    def classical_remainder(self) -> Energy | None:  # type: ignore[override]
        """Host energy without the simulation."""
        return self._energy("classical_remainder")

    @cached_property
    def phases(self) -> dict[str, PhaseSum]:  # type: ignore[override]
        """By name the windows of the trial."""
        found: dict[str, Any] = self._whole["phases"]
        return {name: _phase(window) for name, window in found.items()}

    @cached_property
    def tuning(self) -> list[Candidate]:  # type: ignore[override]
        """What the tuner tried."""
        return [Candidate(one["settings"], one["validation"]) for one in self._whole["tuning"]]

    def to_record(self) -> dict[str, Any]:
        """Return the line's record."""
        record = {name: value for name, value in self._whole.items() if name not in ("sha256", "line")}
        return record | {"fixed": tuple(map(tuple, record["fixed"]))}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trial) and self.to_record() == other.to_record()

    __hash__ = None  # type: ignore[assignment]

    @property
    def _whole(self) -> dict[str, Any]:
        whole: dict[str, Any] = self.__dict__["_record"]
        return whole

    def _energy(self, name: str) -> Energy | None:
        record = self._whole.get(name)
        return None if record is None else energy_from_record(record)


def _phase(window: Mapping[str, Any]) -> PhaseSum:
    energy = energy_from_record(window["energy"])
    return PhaseSum(Ring(window["ring"]), window["seconds"], energy, window["simulated"], window["note"])


_DEFAULTS = {f.name: f.default_factory for f in fields(Trial) if f.default_factory is not MISSING}
