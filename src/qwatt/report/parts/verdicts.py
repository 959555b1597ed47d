"""The verdict on every enhancement, folded by stage; each leads to its trials and catalogue entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qwatt.report.numbers import rule_text
from qwatt.report.part import Part, fill
from qwatt.report.projection.amounts import digits
from qwatt.report.projection.details import outlook
from qwatt.report.projection.enhancements import groups, milestones
from qwatt.report.projection.rows import Enhancement, StageGroup
from qwatt.report.projection.verdict_counts import counted_of
from qwatt.report.subject import Record, Subject


@dataclass(frozen=True)
class Fold:
    """A stage's enhancements, and how often each word was given."""

    stage: str
    counts: str
    rows: Sequence[Enhancement]
    open: bool


def part(subject: Subject) -> Part | None:
    """Return the verdicts; None without a projection."""
    if subject.record is None:
        return None
    assumptions, entries = subject.record["assumptions"], subject.record["enhancements"]
    first, last = assumptions["years"]
    years = milestones(range(first, last + 1))
    body = fill(
        "verdicts",
        folds=[_fold(group, entries) for group in groups(entries, years)],
        counts=counted_of(entries),
        years=years,
        last_year=last,
        rule=rule_text(assumptions["rule"].items()),
        draws=digits(assumptions["draws"]),
        outlook=outlook(assumptions),
        trials={task: anchor for e in entries if (anchor := subject.anchor(task := e["task"]))},
    )
    return Part("verdicts", "Verdicts", body)


def _fold(group: StageGroup, entries: Sequence[Record]) -> Fold:
    """Open a stage only where a verdict asks the reader to do something."""
    verdicts = [row.verdict for row in group.rows]
    counts = counted_of([entry for entry in entries if entry["stage"] == group.stage])
    return Fold(group.stage, counts, group.rows, bool({"use now", "pilot"} & set(verdicts)))
