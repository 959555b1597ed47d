"""What was not reached, not decided, not known or not shown, and why."""

from __future__ import annotations

from qwatt.core.judgement import Outcome
from qwatt.core.method_row import MethodRow
from qwatt.core.trial import Trial
from qwatt.report.part import Part, fill
from qwatt.report.subject import Subject


def part(subject: Subject) -> Part | None:
    """Return the open ends of run and projection; None where there are none."""
    rows = [(c, row) for c in subject.comparisons for row in c.rows]
    open_ends = {
        "undecided": [(c, row) for c, row in rows if row.quality and row.outcome is Outcome.UNDECIDED],
        "worse": [(c, row) for c, row in rows if row.quality and row.outcome is Outcome.WORSE],
        "unknown": [(c, row, why) for c, row in rows if (why := _unknown(row))],
        "failed": _failed(subject),
        "others": list(subject.others),
        "thresholds": _thresholds(subject),
        "stages": _stages_without_quantum(subject),
    }
    if not any(open_ends.values()):
        return None
    return Part("undecided", "Undecided", fill("undecided", **open_ends))


def _unknown(row: MethodRow) -> str | None:
    if row.energy is None or row.energy.known:
        return None
    return row.energy.reason or "no reason was recorded"


def _failed(subject: Subject) -> list[Trial]:
    """Return the failed trials of the methods that the page compares."""
    if subject.folder is None:
        return []
    wanted = {(c.task, row.method) for c in subject.comparisons for row in c.rows if row.failed}
    failed = [trial for trial in subject.folder.trials() if not trial.done]
    return [trial for trial in failed if (trial.spec.task, trial.spec.method) in wanted]


def _thresholds(subject: Subject) -> list[tuple[str, str, str]]:
    """Return what sits on a threshold: name, verdict, and the word that more futures may say."""
    if subject.record is None:
        return []
    judged = [*subject.record["enhancements"], *subject.record["levers"]]
    found = [(e["name"], e["verdict"], e["on_threshold"]) for e in judged if e["on_threshold"]]
    return list(dict.fromkeys(found))


def _stages_without_quantum(subject: Subject) -> list[tuple[str, str]]:
    if subject.record is None:
        return []
    return [(e["name"], e["why"]) for e in subject.record["enhancements"] if e["kind"] == "none"]
