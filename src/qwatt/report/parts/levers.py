"""Every lever that saves energy today, and what quantum computers could add to the best of them."""

from __future__ import annotations

from qwatt.report.part import Part, fill
from qwatt.report.projection.levers import COLUMNS, QUANTUM_COLUMNS, headline, ordinary_rows, quantum_rows
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the tables of levers; None without a projection."""
    if subject.record is None:
        return None
    found = subject.record["levers"]
    body = fill(
        "levers",
        headline=headline(found),
        columns=COLUMNS,
        rows=ordinary_rows(found),
        quantum_columns=QUANTUM_COLUMNS,
        quantum_rows=quantum_rows(found),
    )
    return Part("levers", "Levers", body)
