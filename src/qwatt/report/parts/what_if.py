"""What if: the place of a part that recomputes the answer in the page."""

from __future__ import annotations

from qwatt.report.part import Part
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return nothing yet: the page has no what-if."""
    return None
