"""The first screen: what the life takes, what saves most today, and how far each stage's quantum is."""

from __future__ import annotations

from qwatt.report.part import Part, fill
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part:
    """Return the answer."""
    return Part(
        "answer", "", fill("answer", name=subject.name, warnings=(subject.record or {}).get("warnings", []))
    )
