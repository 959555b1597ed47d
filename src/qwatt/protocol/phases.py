"""The energy windows of a trial, added up by name and ring for its record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qwatt.core.quantity import Quantity, total
from qwatt.core.ring import Ring
from qwatt.core.trial import PhaseSum

TUNE, OTHER = "tune", "other"
"""What losing candidates did, and what was in no window; both are ring (iii)."""


@dataclass(frozen=True)
class PhaseWindow:
    """An energy window that was opened inside a trial.

    Args:
        ring: the ring it belongs to.
        name: the method's name for it.
        seconds: wall time, without the windows opened inside it.
        energy: joules, without the windows opened inside it.
        candidate: index of the tuning candidate; -1 for work on the chosen one.
        simulated: whether a QPU would do this work.
        note: a remark, such as that the work was done and measured earlier.
    """

    ring: Ring
    name: str
    seconds: float
    energy: Quantity
    candidate: int
    simulated: bool = False
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


def merge(windows: Iterable[PhaseWindow], winner: int) -> dict[str, PhaseSum]:
    """Add windows up by name; what losing candidates did is `TUNE`."""
    groups: dict[str, list[PhaseWindow]] = {}
    for window in windows:
        lost = window.candidate not in (winner, -1)
        groups.setdefault(TUNE if lost else window.name, []).append(window)
    return {name: _sum(name, group) for name, group in groups.items()}


def _sum(name: str, group: list[PhaseWindow]) -> PhaseSum:
    tuning = name == TUNE
    return PhaseSum(
        Ring.OUTER if tuning else group[0].ring,
        sum(window.seconds for window in group),
        add(window.energy for window in group),
        not tuning and group[0].simulated,
        "; ".join(sorted({window.note for window in group if window.note})),
    )
