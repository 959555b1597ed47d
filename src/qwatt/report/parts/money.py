"""Costs and benefits of every enhancement that was priced."""

from __future__ import annotations

from qwatt.report.part import Part, fill
from qwatt.report.projection.money_table import COLUMNS, ever_wins, money_intro, money_note, money_rows
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the table of money, what never wins folded; None without a projection."""
    if subject.record is None:
        return None
    entries = subject.record["enhancements"]
    values = {
        "intro": money_intro(entries),
        "note": money_note(entries),
        "rows": money_rows([entry for entry in entries if ever_wins(entry)]),
        "never": money_rows([entry for entry in entries if not ever_wins(entry)]),
    }
    return Part("money", "Money", fill("money", columns=COLUMNS, **values))
