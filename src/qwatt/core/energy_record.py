"""Energies as trial records write them: joules with basis, boundary, reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, InstanceOf, PlainSerializer

from qwatt.core.errors import QwattError
from qwatt.core.quantity import Quantity

MOST_J = 1e30
"""Joules: what the sun gives in an hour. Sums of what is below stay finite."""


def energy_record(energy: Quantity) -> dict[str, Any]:
    """Return an energy's JSON form, in joules."""
    joules = energy.to("J")
    return {
        "value_j": joules.value,
        "low_j": joules.low,
        "high_j": joules.high,
        "basis": joules.basis.value,
        "boundary": joules.boundary.value if joules.boundary else None,
    } | ({"reason": joules.reason} if joules.reason else {})


def energy_from_record(record: Mapping[str, Any]) -> Quantity:
    """Rebuild an energy from `energy_record`'s form.

    Raises:
        ValueError: a part is missing or of the wrong type.
    """
    value, low, high = (record.get(name) for name in ("value_j", "low_j", "high_j"))
    for number in (value, low, high):
        if isinstance(number, bool) or not isinstance(number, int | float | None):
            raise ValueError(f"{number!r} is no number of joules")
        if number is not None and abs(number) > MOST_J:
            raise ValueError(f"{number!r} J is beyond bounds")
    reason = record.get("reason")
    if not isinstance(reason, str | None):
        raise ValueError(f"{reason!r} is no reason")
    try:
        return Quantity(value, low, high, "J", record["basis"], record["boundary"], reason)
    except (KeyError, TypeError, OverflowError, QwattError) as error:
        raise ValueError(f"not an energy: {error}") from error


def _read(value: Any) -> Any:
    return energy_from_record(value) if isinstance(value, Mapping) else value


Energy = Annotated[InstanceOf[Quantity], BeforeValidator(_read), PlainSerializer(energy_record)]
"""A quantity that pydantic reads from and writes to `energy_record`'s form."""
