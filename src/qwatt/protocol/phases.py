"""The rings of a trial's energy, so that no cost can hide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from qwatt.core.quantity import Quantity, total
from qwatt.core.trial import energy_record

LOADING = ("load", "embed", "encode", "compile", "transpile", "readout")
"""Phase names of ring (ii); "tune" and "other" are ring (iii); every other name is ring (i)."""

OUTER = ("tune", "other")


def ring(name: str) -> int:
    """Return 1 for kernel work, 2 for loading, read-out and compilation, 3 for the outer loop and tuning."""
    if name in OUTER:
        return 3
    return 2 if name in LOADING else 1


@dataclass
class Phase:
    """An energy window that was opened inside a trial.

    Args:
        name: the method's name for it.
        seconds: wall time, without the phases opened inside it.
        energy: joules, without the phases opened inside it.
        candidate: index of the tuning candidate; -1 for work on the chosen one.
        note: a remark, such as that the work was done and measured earlier.
    """

    name: str
    seconds: float
    energy: Quantity
    candidate: int
    note: str = ""


def without(whole: Quantity, parts: Iterable[Quantity]) -> Quantity:
    """Return a window's energy less that of the windows inside it; never below zero.

    All come from the same readers, so that value, low and high are subtracted one by one.
    """
    items = list(parts)
    if not items or not whole.known:
        return whole
    inside = add(items)
    if not inside.known:
        return inside
    rest = [max(0.0, a - b) for a, b in zip(whole.interval, inside.interval, strict=True)]
    low, value, high = sorted(rest)
    return Quantity(value, low, high, whole.unit, whole.basis, whole.boundary, whole.reason)


def add(energies: Iterable[Quantity]) -> Quantity:
    """Add energies; those of different boundaries (work measured on another machine) make it unknown."""
    items = list(energies)
    boundaries = sorted({str(energy.boundary) for energy in items})
    if len(boundaries) > 1:
        reason = (
            f"parts were measured at different boundaries ({', '.join(boundaries)}), which cannot be added"
        )
        return Quantity.unknown(reason, boundary=items[0].boundary)
    return total(items)


def merge(phases: Iterable[Phase], winner: int) -> dict[str, dict[str, Any]]:
    """Add up phases by name for the record; what losing candidates did is "tune"."""
    groups: dict[str, list[Phase]] = {}
    for phase in phases:
        name = phase.name if phase.candidate in (winner, -1) else "tune"
        groups.setdefault(name, []).append(phase)
    return {name: _record(name, group) for name, group in groups.items()}


def _record(name: str, group: list[Phase]) -> dict[str, Any]:
    energy = add(phase.energy for phase in group)
    record = {
        "ring": ring(name),
        "seconds": sum(phase.seconds for phase in group),
        "energy": energy_record(energy),
    }
    notes = sorted({phase.note for phase in group if phase.note})
    return record | ({"note": "; ".join(notes)} if notes else {})
