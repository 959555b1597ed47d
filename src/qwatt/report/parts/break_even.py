"""When each enhancement would break even."""

from __future__ import annotations

from qwatt.report.layout import PHONE
from qwatt.report.part import Part, fill
from qwatt.report.projection.enhancements import break_evens
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the distributions of the break-even year; None without a projection."""
    if subject.record is None:
        return None
    entries, (first, last) = subject.record["enhancements"], subject.record["assumptions"]["years"]
    asked = [
        (entries, "break_even", "Against the best classical method", first),
        (entries, "break_even_simulation", "Against simulating its own circuits", first),
    ]
    pictures = [(break_evens(*one), break_evens(*one, PHONE)) for one in asked]
    return Part("breakeven", "", fill("break_even", pictures=pictures, last_year=last))
