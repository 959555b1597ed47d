"""Costs and benefits of every enhancement that was priced."""

from __future__ import annotations

from qwatt.report.part import Part, fill
from qwatt.report.projection.money_table import COLUMNS, money_intro, money_note, money_rows
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the table of money; None without a projection."""
    if subject.record is None:
        return None
    entries = subject.record["enhancements"]
    values = {"intro": money_intro(entries), "rows": money_rows(entries), "note": money_note(entries)}
    return Part("money", "Money", fill("money", columns=COLUMNS, **values))
