"""When each enhancement would break even."""

from __future__ import annotations

from qwatt.report.part import Part, fill
from qwatt.report.projection.enhancements import break_evens
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the distributions of the break-even year; None without a projection."""
    if subject.record is None:
        return None
    entries, (first, last) = subject.record["enhancements"], subject.record["assumptions"]["years"]
    pictures = [
        break_evens(entries, "break_even", "Against the best classical method", first),
        break_evens(entries, "break_even_simulation", "Against simulating its own circuits", first),
    ]
    return Part("breakeven", "Break-even", fill("break_even", pictures=pictures, last_year=last))
