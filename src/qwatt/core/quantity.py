"""A number that says what it is: value, interval, unit, basis, boundary, or why it is unknown."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NoReturn

from qwatt.core.errors import QwattError, unknown_name


class Basis(StrEnum):
    """How a number was obtained, strongest first; a sum takes its weakest part's basis."""

    MEASURED_NVML = "measured:nvml"
    MEASURED_NVML_POWER = "measured:nvml_power"
    MEASURED_RAPL = "measured:rapl"
    MEASURED = "measured"
    ESTIMATED_CPU_TIME = "estimated:cpu_time"
    ESTIMATED_RSS = "estimated:rss"
    PUBLISHED = "published"
    MODELLED = "modelled"

    @property
    def strength(self) -> int:
        """Rank, 0 the strongest; the two `estimated` rungs rank alike."""
        return _STRENGTH[self]


_STRENGTH = {basis: rank for rank, basis in enumerate(Basis)}
_STRENGTH[Basis.ESTIMATED_RSS] = _STRENGTH[Basis.ESTIMATED_CPU_TIME]


class Boundary(StrEnum):
    """What an energy includes: the chip, the whole node, or the facility with its cooling."""

    DEVICE = "device"
    NODE = "node"
    FACILITY = "facility"


_UNITS: dict[str, tuple[str, float]] = {
    "1": ("1", 1.0),
    "J": ("energy", 1.0),
    "kJ": ("energy", 1e3),
    "MJ": ("energy", 1e6),
    "Wh": ("energy", 3.6e3),
    "kWh": ("energy", 3.6e6),
    "MWh": ("energy", 3.6e9),
    "GWh": ("energy", 3.6e12),
    "W": ("power", 1.0),
    "kW": ("power", 1e3),
    "MW": ("power", 1e6),
    "s": ("time", 1.0),
    "ms": ("time", 1e-3),
    "us": ("time", 1e-6),
    "h": ("time", 3.6e3),
    "a": ("time", 31_557_600.0),
    "GPU-h": ("gpu_time", 1.0),
    "gCO2e": ("carbon", 1e-3),
    "kgCO2e": ("carbon", 1.0),
    "tCO2e": ("carbon", 1e3),
    "USD": ("money", 1.0),
    "EUR": ("money_eur", 1.0),
    "J/token": ("energy_per_token", 1.0),
    "L": ("volume", 1.0),
    "bit": ("information", 1.0),
    "byte": ("information", 8.0),
    "qubit": ("qubits", 1.0),
    "FLOP": ("flop", 1.0),
}


def unit_scale(unit: str) -> tuple[str, float]:
    """Return a unit's dimension and its factor to the dimension's base unit.

    Raises:
        QwattError: the unit is not known.
    """
    if unit not in _UNITS:
        raise unknown_name("unit", unit, _UNITS)
    return _UNITS[unit]


J_PER_KWH = unit_scale("kWh")[1]
J_PER_WH = unit_scale("Wh")[1]
S_PER_H = unit_scale("h")[1]
H_PER_YEAR = unit_scale("a")[1] / S_PER_H
"""Factors for bare numbers and arrays, whose names carry their units; a `Quantity` converts by `to`."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its interval, unit, basis and boundary; unknown is None with a reason, never 0.

    Args:
        value: central value in `unit`, or None when unknown.
        low: lower end of the interval; defaults to `value`.
        high: upper end of the interval; defaults to `value`.
        unit: one of the units of `unit_scale`.
        basis: how the number was obtained.
        boundary: what an energy includes; None for other dimensions.
        reason: why the value is unknown, or a remark on how it was found.

    Raises:
        QwattError: unknown unit, a NaN or infinity, an interval that does not contain the value, or an
            unknown value without a reason.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str = "J"
    basis: Basis = Basis.MODELLED
    boundary: Boundary | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.unit not in _UNITS:
            unit_scale(self.unit)  # refuses it
        if type(self.basis) is not Basis:
            object.__setattr__(self, "basis", Basis(self.basis))
        if self.boundary is not None and type(self.boundary) is not Boundary:
            object.__setattr__(self, "boundary", Boundary(self.boundary))
        if self.value is None:
            if not self.reason:
                raise QwattError("an unknown quantity needs a reason")
            return
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not -math.inf < low <= self.value <= high < math.inf:
            self._refuse(low, self.value, high)
        if not type(self.value) is type(self.low) is type(self.high) is float:
            for name, number in (("value", self.value), ("low", low), ("high", high)):
                object.__setattr__(self, name, float(number))

    def _refuse(self, low: float, value: float, high: float) -> NoReturn:
        words = f"{value} [{low}, {high}] {self.unit}"
        if not (math.isfinite(low) and math.isfinite(value) and math.isfinite(high)):
            raise QwattError(f"quantity is not finite: {words}")
        raise QwattError(f"interval does not contain the value: {words}")

    @classmethod
    def unknown(
        cls, reason: str, unit: str = "J", boundary: Boundary | None = None, basis: Basis = Basis.MODELLED
    ) -> Quantity:
        """Return a quantity whose value is None and whose reason says why."""
        return cls(None, unit=unit, boundary=boundary, basis=basis, reason=reason)

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    @property
    def interval(self) -> tuple[float, float, float]:
        """Return (low, value, high) of a known quantity.

        Raises:
            QwattError: the quantity is unknown.
        """
        if self.value is None or self.low is None or self.high is None:
            raise QwattError(f"the quantity is unknown: {self.reason}")
        return self.low, self.value, self.high

    def to(self, unit: str) -> Quantity:
        """Return the same quantity in another unit of the same dimension.

        Raises:
            QwattError: the units measure different things.
        """
        if unit == self.unit:
            return self
        dimension, scale = unit_scale(self.unit)
        target, target_scale = unit_scale(unit)
        if dimension != target:
            raise QwattError(f"cannot express {self.unit} ({dimension}) in {unit} ({target})")
        if self.value is None:
            return replace(self, unit=unit)
        low, value, high = (x * scale / target_scale for x in self.interval)
        return replace(self, value=value, low=low, high=high, unit=unit)

    def scaled(
        self,
        factor: float,
        low: float | None = None,
        high: float | None = None,
        *,
        unit: str | None = None,
        basis: Basis | None = None,
        boundary: Boundary | None = None,
    ) -> Quantity:
        """Return this quantity times a non-negative factor with its own interval.

        The result's basis is the weaker of this one's and `basis`. `unit` and `boundary` rename the
        result, as when watts times seconds give joules or device times PUE gives facility.
        """
        weakest = self.basis if basis is None else max(self.basis, basis, key=lambda b: b.strength)
        unit, boundary = unit or self.unit, boundary or self.boundary
        if self.value is None:
            return replace(self, unit=unit, basis=weakest, boundary=boundary)
        lo, mid, hi = self.interval
        factors = (factor if low is None else low, factor, factor if high is None else high)
        if factors[0] < 0:
            raise QwattError(f"a quantity is scaled by a non-negative factor, not {factors[0]}")
        return Quantity(
            mid * factors[1], lo * factors[0], hi * factors[2], unit, weakest, boundary, self.reason
        )

    def __add__(self, other: Quantity) -> Quantity:
        return total([self, other])

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form: value, low, high, unit, basis, boundary and, when set, the reason."""
        record: dict[str, Any] = {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "basis": self.basis.value,
            "boundary": self.boundary.value if self.boundary else None,
        }
        return record | ({"reason": self.reason} if self.reason else {})

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Quantity:
        """Rebuild a quantity from `to_record`'s form; the inverse of it."""
        return cls(**record)

    def __str__(self) -> str:
        if self.value is None:
            return f"unknown ({self.reason})"
        low, value, high = self.interval
        spread = "" if low == high else f" [{low:.3g}, {high:.3g}]"
        return f"{value:.3g}{spread} {self.unit} ({self.basis.value})"


def total(parts: Iterable[Quantity]) -> Quantity:
    """Add quantities of one dimension and one boundary.

    The sum has the first part's unit and the weakest part's basis (between equals, the larger part's).
    If a part is unknown the sum is unknown, and its reason names the missing part.

    Raises:
        QwattError: no parts, different dimensions, or different boundaries.
    """
    items = list(parts)
    if not items:
        raise QwattError("a sum needs at least one part")
    first = items[0]
    boundaries = {q.boundary for q in items}
    if len(boundaries) > 1:
        names = ", ".join(sorted(str(b) for b in boundaries))
        raise QwattError(f"cannot add energies of different boundaries: {names}")
    same = [q.to(first.unit) for q in items]
    missing = [q.reason or "unknown" for q in same if not q.known]
    if missing:
        known = sum(q.value for q in same if q.value is not None)
        reason = f"partial: {known:.4g} {first.unit} known; missing: {'; '.join(dict.fromkeys(missing))}"
        return Quantity.unknown(reason, first.unit, first.boundary, _weakest(same))
    low, value, high = (sum(column) for column in zip(*(q.interval for q in same), strict=True))
    notes = dict.fromkeys(q.reason for q in same if q.reason)
    return Quantity(
        value, low, high, first.unit, _weakest(same), first.boundary, "; ".join(map(str, notes)) or None
    )


def _weakest(parts: list[Quantity]) -> Basis:
    return max(parts, key=lambda q: (q.basis.strength, q.value or 0.0)).basis
