"""Joules of planned host work: core-seconds by kind, times the watts that the meter charges a vCPU with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from qwatt import catalogue
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.quantity import Basis, Boundary, Quantity
from qwatt.energy.meter.host_power import HostPower, host_power


@cache  # a plan asks for each of its methods; `catalogue.add` clears it
def kinds_of_work() -> Mapping[str, Quantity]:
    """Return core-seconds of one unit of every kind of work, as `benchmarks/host_work.py` calibrates them."""
    table = catalogue.load("host_power")["work"]
    return {
        kind: catalogue.quantity(entry, Basis.MODELLED)
        for kind, entry in table.items()
        if catalogue.is_number(entry)
    }


def core_seconds(work: Mapping[str, float]) -> Quantity:
    """Return the seconds of one busy hardware thread that work takes; kinds add up, each with its interval.

    Args:
        work: units by kind, such as {"hashed_byte": 2e6, "pair": 300}.

    Raises:
        QwattError: no such kind, or units that are negative or not finite.
    """
    known = kinds_of_work()
    parts: dict[str, Quantity] = {}
    for kind, units in work.items():
        if kind not in known:
            raise unknown_name("kind of work", kind, known)
        if not (math.isfinite(units) and units >= 0):
            raise QwattError(f"work has a finite number of units, not {units} of {kind}")
        parts[kind] = known[kind].scaled(units)
    ends = zip((0.0, 0.0, 0.0), *(part.interval for part in parts.values()), strict=True)
    low, value, high = (sum(column) for column in ends)
    largest = max(parts, key=lambda kind: parts[kind].interval[1], default=None)
    share = parts[largest].interval[1] / value if largest and value else 0.0
    return Quantity(value, low, high, "s", reason=f"{share:.0%} of it {largest}" if share else None)


def host_energy(work: Mapping[str, float], power: HostPower | None = None) -> Quantity:
    """Return the joules of work on this host, modelled, boundary node.

    The watts are those of the meter's `cpu_time` rung, with the user's override: a forecast and an estimate
    of the same CPU seconds agree, and another machine's watts only scale both.

    Args:
        work: units by kind.
        power: coefficients of the host; the default is this machine.

    Raises:
        QwattError: no such kind, or units that are negative or not finite.
    """
    power = power or host_power()
    seconds = core_seconds(work)
    low, value, high = seconds.interval
    joules = power.per_vcpu.scaled(value, low, high, unit="J", basis=Basis.MODELLED, boundary=Boundary.NODE)
    parts = (f"{value:.3g} core-seconds", seconds.reason, power.name)
    return replace(joules, reason="; ".join(filter(None, parts)))
