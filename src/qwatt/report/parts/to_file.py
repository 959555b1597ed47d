"""The box to file: one paragraph with everything that belongs beside the figure, ready to copy."""

from __future__ import annotations

from qwatt.report.part import Part
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the box; None without a projection."""
    return None
