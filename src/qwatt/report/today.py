"""The verdict of today on a quantum or inspired method, in one sentence, by the rules `MEASURED`."""

from __future__ import annotations

from dataclasses import dataclass

from qwatt.core.comparison import Comparison
from qwatt.core.judgement import Outcome
from qwatt.core.method_row import MethodRow
from qwatt.core.quantity import Quantity
from qwatt.projection.verdicts.rules import MEASURED, MeasuredFacts, decide
from qwatt.report.numbers import energy, short, times


@dataclass(frozen=True)
class Verdict:
    """A word of the rules and the sentence that gives the reason."""

    word: str
    sentence: str


def verdict_of(comparison: Comparison, row: MethodRow) -> Verdict:
    """Judge one row against the best classical method."""
    reference = None if comparison.reference is None else comparison.row(comparison.reference)
    facts = _facts(row, reference)
    return Verdict(decide(MEASURED, facts), _sentence(comparison, row, reference, facts))


def _facts(row: MethodRow, reference: MethodRow | None) -> MeasuredFacts:
    if reference is None or row.quality is None:
        return MeasuredFacts(Outcome.UNDECIDED, False, None, None)
    if _on_this_machine(row):
        return MeasuredFacts(row.outcome, True, row.ratio, (1.0, 1.0, 1.0))
    found, base = row.qpu or row.qpu_any, _base(reference)
    assert found is not None
    return MeasuredFacts(
        row.outcome, row.qpu is not None, found[1].interval, None if base is None else base.interval
    )


def _on_this_machine(row: MethodRow) -> bool:
    """Whether the method is judged by what it took here: inspired, or quantum without a priced QPU."""
    return row.kind == "inspired" or row.qpu_any is None


def _base(reference: MethodRow) -> Quantity | None:
    base = reference.ets or reference.energy
    return base if base is not None and base.known else None


def _sentence(
    comparison: Comparison, row: MethodRow, reference: MethodRow | None, facts: MeasuredFacts
) -> str:
    if reference is None:
        return "No classical method finished, so there is nothing to compare with."
    if row.quality is None:
        return "No trial finished."
    if row.outcome is Outcome.UNDECIDED:
        return _undecided(row)
    if row.outcome is Outcome.WORSE:
        return _worse(comparison, row, reference)
    return _energy_sentence(row, reference, facts)


def _energy_sentence(row: MethodRow, reference: MethodRow, facts: MeasuredFacts) -> str:
    if facts.pair is None:
        return "The quality is not worse, but an energy is unknown."
    if row.ratio is not None and _on_this_machine(row):
        low, middle, high = row.ratio
        share = f"{times(middle)} the energy of {reference.method} ({short(low)} to {short(high)})"
        return f"Equal quality at {share}, measured on this machine."
    return _on_a_qpu(row, reference)


def _undecided(row: MethodRow) -> str:
    why = "; ".join(filter(None, [row.judgement.reason, row.judgement.outlook]))
    return f"The quality is undecided: {why}."


def _worse(comparison: Comparison, row: MethodRow, reference: MethodRow) -> str:
    assert row.quality is not None and reference.quality is not None
    return (
        f"The quality is worse: median {comparison.metric.replace('_', ' ')} {row.quality[1]:.3f} "
        f"(best {row.best_quality:.3f}) against {reference.quality[1]:.3f} of {reference.method}."
    )


def _on_a_qpu(row: MethodRow, reference: MethodRow) -> str:
    base, found = _base(reference), row.qpu or row.qpu_any
    assert base is not None and found is not None
    name, cost = found
    ratio = cost.interval[1] / base.interval[1]
    if row.qpu is None:
        return (
            f"Equal quality, but no catalogued QPU can run it today; even the cheapest on paper ({name}) "
            f"would need {energy(cost)} (modelled), {short(ratio)} times what {reference.method} needs."
        )
    against = f"{energy(base, interval=False)} of {reference.method}"
    joint = "; " if cost.interval[2] < base.interval[0] else ", but "
    return f"Equal quality{joint}{name} would need {energy(cost)} (modelled): {times(ratio)} the {against}."
