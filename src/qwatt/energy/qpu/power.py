"""Joules of a QPU: PUE x system power x seconds / utilisation, each with its interval."""

from __future__ import annotations

import math

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Boundary, Quantity
from qwatt.energy.qpu.machine import Qpu
from qwatt.energy.qpu.rules import rule

FORMULA = "E = PUE x P_system x t / utilisation"


def accounting(name: str) -> Quantity:
    """Return a default of the catalogue: "busy" or "with_idle" (utilisation), or "pue"."""
    return rule("accounting", name)


def energy(
    qpu: Qpu,
    seconds: Quantity,
    utilisation: float | Quantity | None = None,
    pue: float | Quantity | None = None,
) -> Quantity:
    """Return the wall-plug energy of a machine that is busy for `seconds`.

    Raises:
        QwattError: a utilisation outside (0, 1], or a PUE below 1.
    """
    share = _interval(accounting("busy") if utilisation is None else utilisation, "utilisation", 0.0, 1.0)
    overhead = _interval(1.0 if pue is None else pue, "pue", 1.0, math.inf)
    boundary = Boundary.NODE if pue is None else Boundary.FACILITY
    for part in (seconds, qpu.power):
        if not part.known:
            return Quantity.unknown(part.reason or "unknown", boundary=boundary)
    watts, busy = qpu.power.to("W").interval, seconds.interval
    low, value, high = (watts[i] * busy[i] * overhead[i] / share[2 - i] for i in range(3))
    return Quantity(value, low, high, "J", boundary=boundary, reason=f"power {qpu.power.reason}")


def _interval(given: float | Quantity, name: str, least: float, most: float) -> tuple[float, float, float]:
    interval = given.interval if isinstance(given, Quantity) else (given, given, given)
    if not (least <= interval[0] and interval[2] <= most and interval[0] > 0):
        valid = f"above 0 and at most {most:g}" if least == 0 else f"at least {least:g}"
        raise QwattError(f"{name} is {interval[1]:g}", where=name, mend=f"give {valid}")
    return interval
