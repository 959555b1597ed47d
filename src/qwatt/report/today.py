"""The verdict of today on a quantum or inspired method, in one sentence, by a written rule.

use now   the quality is not worse and a QPU that can run it needs less energy, beyond both intervals
pilot     the quality is not worse, a QPU can run it, and the intervals overlap
watch     the quality is not worse, and only machines that cannot run it yet would need less energy
do not    anything else; the sentence says by how much
"""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.core.comparison import Comparison, Row
from qwatt.core.judgement import Outcome
from qwatt.core.quantity import Quantity
from qwatt.report.numbers import energy, short, times


@dataclass(frozen=True)
class Verdict:
    """A verdict word ("use now", "pilot", "watch", "do not" or "undecided") and its sentence."""

    word: str
    sentence: str


def verdict_of(comparison: Comparison, row: Row) -> Verdict:
    """Judge one row against the best classical method."""
    if comparison.reference is None:
        return Verdict("undecided", "No classical method finished, so there is nothing to compare with.")
    reference = comparison.row(comparison.reference)
    if row.quality is None:
        return Verdict("undecided", "No trial finished.")
    if row.outcome is Outcome.UNDECIDED:
        return Verdict("undecided", _undecided(row))
    if row.outcome is Outcome.WORSE:
        return Verdict("do not", _worse(comparison, row, reference))
    if row.kind == "inspired" or (row.kind == "quantum" and row.qpu_any is None):
        return _on_this_machine(row, reference)
    return _on_a_qpu(row, reference)


def _undecided(row: Row) -> str:
    reason, more = row.judgement.reason, row.judgement.more_seeds
    text = f"The quality is undecided: {reason}"
    return f"{text}." if more is None else f"{text}; about {more} more would decide."


def _worse(comparison: Comparison, row: Row, reference: Row) -> str:
    assert row.quality is not None and reference.quality is not None
    return (
        f"The quality is worse: median {comparison.metric} {row.quality[1]:.3f} "
        f"(best {row.best_quality:.3f}) against {reference.quality[1]:.3f} of {reference.method}."
    )


def _on_this_machine(row: Row, reference: Row) -> Verdict:
    if row.ratio is None:
        return Verdict("undecided", "The quality is not worse, but an energy is unknown.")
    low, value, high = row.ratio
    text = f"Equal quality at {times(value)} the energy of {reference.method} (measured on this machine)."
    if high < 1:
        return Verdict("use now", text)
    return Verdict("pilot" if low <= 1 else "do not", text)


def _on_a_qpu(row: Row, reference: Row) -> Verdict:
    base = reference.ets or reference.energy
    if base is None or not base.known or row.qpu_any is None:
        return Verdict("undecided", "The quality is not worse, but an energy is unknown.")
    if row.qpu is None:
        name, cost = row.qpu_any
        better = cost.interval[1] < base.interval[1]
        return Verdict("watch" if better else "do not", _not_executable(name, cost, base, reference))
    name, cost = row.qpu
    ratio = cost.interval[1] / base.interval[1]
    against = f"{energy(base, interval=False)} of {reference.method}"
    text = f"Equal quality, but {name} would need {energy(cost)} (modelled): {times(ratio)} the {against}."
    if cost.interval[2] < base.interval[0]:
        return Verdict("use now", text.replace(", but ", "; "))
    return Verdict("pilot" if cost.interval[0] <= base.interval[2] else "do not", text)


def _not_executable(name: str, cost: Quantity, base: Quantity, reference: Row) -> str:
    ratio = short(cost.interval[1] / base.interval[1])
    return (
        f"Equal quality, but no catalogued QPU can run it today; even the cheapest on paper ({name}) "
        f"would need {energy(cost)} (modelled), {ratio} times what {reference.method} needs."
    )
