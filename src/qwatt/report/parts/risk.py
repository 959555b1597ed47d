"""What moves the answer: a tornado an enhancement."""

from __future__ import annotations

from qwatt.report.part import Part, fill
from qwatt.report.projection.enhancements import groups
from qwatt.report.subject import Subject

NOTE = (
    "Each line moves one assumption from its low end (hollow) to its high end (filled), everything else at "
    "its median, and shows quantum over classical joules in the last year, if a machine of any size were "
    "granted. Left of the green line the quantum method would win. Modelled."
)


def part(subject: Subject) -> Part | None:
    """Return the tornados, those of the most probable enhancements open; None without a projection."""
    if subject.record is None:
        return None
    last = subject.record["assumptions"]["years"][1]
    rows = [row for group in groups(subject.record["enhancements"], [last]) for row in group.rows]
    drawn = [row for row in rows if row.tornado]
    return Part("risk", "", fill("risk", rows=drawn, note=NOTE)) if drawn else None
