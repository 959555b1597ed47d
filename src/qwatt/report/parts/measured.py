"""What was measured: a task each, with its pictures, all its methods and what a QPU would need."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median

from qwatt.core.comparison import Comparison
from qwatt.core.method_row import MethodRow
from qwatt.core.trial import Trial
from qwatt.projection.verdicts.rules import MEASURED, written
from qwatt.report.figures import quality_against_energy, three_energies, where_the_joules_went
from qwatt.report.layout import PHONE
from qwatt.report.machines import MethodOnQpu, all_on_qpus
from qwatt.report.method_warnings import MethodWarning, method_warnings
from qwatt.report.numbers import rule_text, short
from qwatt.report.part import Part, fill
from qwatt.report.solved import solved_seeds
from qwatt.report.subject import Subject
from qwatt.report.today import Verdict, verdict_of

QUALITY = "Quality against measured energy"
THREE = "Three energies, never to be mixed up"
WHERE = "Where the joules went (first seed)"
_LISTED, _FEWEST = 1000, 20
"""Trials that a page lists one by one, shared by its tasks, and of each at least; it says what it omits."""


@dataclass(frozen=True)
class Section:
    """What the page shows of one task."""

    anchor: str
    comparison: Comparison
    verdicts: list[tuple[MethodRow, Verdict]]
    figures: list[tuple[str, str, str]]
    metrics: list[str]
    further: list[tuple[str, list[str]]]
    machines: list[MethodOnQpu]
    solved: str
    warnings: list[MethodWarning]
    trials: list[tuple[str, Trial]]
    finished: int


def part(subject: Subject) -> Part | None:
    """Return the measured tasks; None where there is no run."""
    if not subject.comparisons:
        return None
    sections = [_section(subject, comparison) for comparison in subject.comparisons]
    words = Counter(verdict.word for section in sections for _, verdict in section.verdicts)
    body = fill("measured", sections=sections, words=words, rule=rule_text(written(MEASURED)))
    return Part("measured", "Measured", body)


def _section(subject: Subject, comparison: Comparison) -> Section:
    judged = [row for row in comparison.rows if row.kind in ("quantum", "inspired")]
    figures = [
        (QUALITY, quality_against_energy(comparison), quality_against_energy(comparison, phone=True)),
        (THREE, three_energies(comparison), three_energies(comparison, PHONE)),
        (WHERE, where_the_joules_went(comparison), where_the_joules_went(comparison, PHONE)),
    ]
    trials = [(row.label, trial) for row in comparison.rows for trial in row.trials]
    return Section(
        subject.anchors[id(comparison)],
        comparison,
        [(row, verdict_of(comparison, row)) for row in judged],
        [figure for figure in figures if figure[1]],
        *_further_metrics(comparison),
        all_on_qpus(comparison),
        solved_seeds(comparison.rows),
        method_warnings(comparison),
        trials[: max(_FEWEST, _LISTED // len(subject.comparisons))],
        len(trials),
    )


def _further_metrics(comparison: Comparison) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Return the names of the further metrics, and by method their medians over seeds."""
    values: dict[str, dict[str, list[float]]] = {}
    for row in comparison.rows:
        found = values.setdefault(row.label, {})
        for trial in row.trials:
            for name, value in trial.extras.items():
                if isinstance(value, int | float) and value is not True and value is not False:
                    found.setdefault(name, []).append(value)
    names = list(dict.fromkeys(name for found in values.values() for name in found))
    lines = [
        (label, [short(median(found[name])) if name in found else "–" for name in names])
        for label, found in values.items()
    ]
    return names, lines
