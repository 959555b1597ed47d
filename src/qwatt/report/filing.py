"""Figures as they are pasted into other systems: fixed units, whole numbers, intervals in brackets."""

from __future__ import annotations

import math

from qwatt.core.quantity import Quantity

UNITS = {"MWh": ("kWh", 1e3), "t": ("kgCO2e", 1e3), "m3": ("L", 1e3), "USD": ("USD", 1.0), "kJ": ("J", 1e3)}
"""Filing units: of what unit, and how many of it."""


def filed_amount(quantity: Quantity, unit: str) -> str:
    """Write "5820 MWh (3150 to 13900 MWh)": three digits, no SI steps; or that it is unknown, and why."""
    if not quantity.known:
        return f"unknown ({quantity.reason})" if quantity.reason else "unknown"
    base, factor = UNITS[unit]
    low, value, high = (end / factor for end in quantity.to(base).interval)
    spread = f" ({_plain(low)} to {_plain(high)} {unit})" if low != high else ""
    return f"{_plain(value)} {unit}{spread}"


def _plain(value: float) -> str:
    """Write three digits without exponent or separators, which no spreadsheet misreads."""
    if value == 0:
        return "0"
    places = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):.{max(0, places)}f}"
