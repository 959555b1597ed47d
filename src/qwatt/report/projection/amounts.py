"""How a projection's quantities are written: three digits, in the unit that suits the size."""

from __future__ import annotations

import math

from qwatt.core.quantity import H_PER_YEAR, J_PER_KWH, S_PER_H, Quantity, unit_scale
from qwatt.report.numbers import JOULES, NO_BREAK, SECONDS, Ladder, power_of_ten, short

_JOULES: Ladder = (*JOULES, (1e-9, "nJ"))
_LADDERS: dict[str, Ladder] = {
    "J/token": [(factor, f"{name}/token") for factor, name in _JOULES],
    "kWh": (
        (1e9, "TWh"), (1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh"), (1e-3, "Wh"), (1 / J_PER_KWH, "J"),
        (1e-3 / J_PER_KWH, "mJ"),
    ),
    "kgCO2e": (
        (1e9, "Mt CO₂e"), (1e6, "kt CO₂e"), (1e3, "t CO₂e"), (1.0, "kg CO₂e"), (1e-3, "g CO₂e"),
        (1e-6, "mg CO₂e"),
    ),
    "USD": ((1e12, "trillion USD"), (1e9, "billion USD"), (1e6, "million USD"), (1.0, "USD")),
    "L": ((1e9, "million m³"), (1e3, "m³"), (1.0, "L"), (1e-3, "mL")),
    "qubit": ((1e9, "billion"), (1e6, "million"), (1.0, "qubits")),
    "GPU-h": (
        (1e9, "billion GPU-h"), (1e6, "million GPU-h"), (1.0, "GPU-h"), (1 / S_PER_H, "GPU-s"),
        (1e-3 / S_PER_H, "GPU-ms"),
    ),
    "h": ((H_PER_YEAR, "years"), (1.0, "h"), (1 / 60, "min"), (1 / S_PER_H, "s")),
    "s": (*SECONDS, (1e-6, "µs")),
    "J": _JOULES,
    "1": ((1.0, ""),),
}  # fmt: skip


def digits(value: float) -> str:
    """Write a number with three significant digits, thousands apart, an exponent only where it must be."""
    rounded = float(f"{value:.3g}")
    return short(rounded).replace("-", "−") if rounded < 0 else short(rounded)


def times(ratio: float) -> str:
    """Write a ratio that may be huge: "41 times", "10¹² times"."""
    power = math.floor(math.log10(ratio)) if ratio > 0 else 0
    if ratio <= 0 or -4 < power < 6:
        return f"{digits(ratio)} times"
    return f"{digits(ratio / 10.0**power)}{NO_BREAK}×{NO_BREAK}{power_of_ten(power)} times"


def amount(value: float, unit: str) -> str:
    """Write a bare number in the step of its unit's ladder that keeps it at one or above."""
    factor, name = _step(value, unit)
    return f"{digits(value / factor)}{NO_BREAK}{name}".strip()


def value_and_interval(quantity: Quantity) -> tuple[str, str]:
    """Write value and interval apart, both in the value's step; unknown gives the reason."""
    if not quantity.known:
        return "unknown", quantity.reason or ""
    base = _base(quantity)
    return ends(*base.interval, base.unit)


def ends(low: float, value: float, high: float, unit: str) -> tuple[str, str]:
    """Write a value and its interval apart, both in the value's step; no interval where it has no width."""
    factor, name = _step(value or high, unit)
    spread = "" if low == high else f"{digits(low / factor)} to {digits(high / factor)}"
    return f"{digits(value / factor)}{NO_BREAK}{name}".strip(), spread


def with_interval(quantity: Quantity) -> str:
    """Write a quantity in one cell: "1.1 GWh (0.6 to 2.1)", or why it is unknown."""
    value, interval = value_and_interval(quantity)
    if not quantity.known:
        return f"unknown: {interval}"
    return f"{value} ({interval})" if interval else value


def _base(quantity: Quantity) -> Quantity:
    """Return the quantity in the unit of its dimension that has a ladder."""
    if quantity.unit in _LADDERS:
        return quantity
    dimension = unit_scale(quantity.unit)[0]
    base = next((unit for unit in _LADDERS if unit_scale(unit)[0] == dimension), quantity.unit)
    return quantity.to(base)


def _step(value: float, unit: str) -> tuple[float, str]:
    ladder = _LADDERS.get(unit, ((1.0, unit),))
    return next((step for step in ladder if abs(value) >= step[0]), ladder[-1] if value else _one(ladder))


def _one(ladder: Ladder) -> tuple[float, str]:
    return next(step for step in ladder if step[0] == 1.0)


def percent(p: float) -> str:
    """Write a share or probability without false certainty: "0 %" and "100 %" only when exact."""
    if 0 < p < 0.001:
        return f"<0.1{NO_BREAK}%"
    if 0.995 < p < 1:
        return f">99{NO_BREAK}%"
    return (f"{100 * p:.2g}" if p < 0.1 else f"{100 * p:.0f}") + f"{NO_BREAK}%"


def chance(p: float) -> str:
    """Write a drawn probability; below 0.1 % and above 99.9 % the draws cannot tell it from 0 and 1."""
    if p < 0.001:
        return f"<0.1{NO_BREAK}%"
    if p > 0.999:
        return f">99.9{NO_BREAK}%"
    return f"{100 * p:.1f}{NO_BREAK}%" if p > 0.99 else percent(p)


def ladder(unit: str) -> Ladder:
    """Return the steps in which a unit's amounts are written, the largest first."""
    return _LADDERS[unit]
