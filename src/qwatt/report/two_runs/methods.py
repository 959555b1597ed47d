"""Every method of two runs: paired tests of its quality and its joules, on the seeds that both have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from qwatt import catalogue
from qwatt.core.comparison import Comparison
from qwatt.core.judgement import Judgement, Outcome, judge
from qwatt.core.method_row import MethodRow
from qwatt.core.pairing import differences, pairs_of
from qwatt.core.quantity import Quantity
from qwatt.core.statistics import bootstrap_interval

JOULES = {Outcome.NOT_WORSE: "not more", Outcome.WORSE: "more", Outcome.UNDECIDED: "undecided"}
"""How the outcome of the same test reads where it is about joules."""


@dataclass(frozen=True)
class MethodPair:
    """One method in two runs.

    Args:
        task, metric: what it does, and how that is judged.
        method: its label.
        kind: its kind.
        seeds: those that both runs have.
        quality: (first, second) medians over these seeds.
        judgement: of the second against the first, with the task's margin.
        energy: (first, second) median joules of a trial.
        ratio: (low, median, high) of second over first joules, seed by seed; None where they do not compare.
        joules: judgement of the joules by the same test; its margin is what two equal runs may differ by.
        remarks: what must be said, such as that the machines differ.
    """

    task: str
    metric: str
    method: str
    kind: str
    seeds: Sequence[int]
    quality: tuple[float | None, float | None]
    judgement: Judgement
    energy: tuple[Quantity | None, Quantity | None]
    ratio: tuple[float, float, float] | None
    joules: Judgement
    remarks: Sequence[str] = field(default_factory=tuple)

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        plain = {name: getattr(self, name) for name in ("task", "metric", "method", "kind", "seeds", "ratio")}
        return plain | {
            "quality": list(self.quality),
            **asdict(self.judgement),
            "energy": [None if q is None else q.to_record() for q in self.energy],
            "joules": JOULES[self.joules.outcome],
            "joules_reason": self.joules.reason,
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True)
class Situation:
    """What two runs of a task have in common.

    Args:
        other_data: why they are not on the same problems; empty where they are.
        other_machine: whether they ran on different machines.
    """

    other_data: str
    other_machine: bool


def method_pairs(first: Comparison, second: Comparison, situation: Situation) -> list[MethodPair]:
    """Return every method that both comparisons of a task have."""
    sign = 1.0 if second.higher_is_better else -1.0
    return [_pair(second, before, after, sign, situation) for before, after in _matched(first, second)]


def _matched(first: Comparison, second: Comparison) -> Iterator[tuple[MethodRow, MethodRow]]:
    """Yield rows of one label; a method that each has once is matched also where its settings differ."""
    labels = {row.label: row for row in first.rows}
    for row in second.rows:
        same = [one for one in first.rows if one.method == row.method]
        alone = len(same) == 1 and sum(one.method == row.method for one in second.rows) == 1
        before = labels.get(row.label) or (same[0] if alone else None)
        if before is not None:
            yield before, row


def _pair(
    comparison: Comparison, before: MethodRow, after: MethodRow, sign: float, situation: Situation
) -> MethodPair:
    pairs = [] if situation.other_data else pairs_of(after, before)
    judgement = judge(differences(pairs, sign), comparison.margin) if pairs else _nothing(situation)
    ratios, why = _ratios(before, after, pairs)
    remarks = [*_seeds(before, after, pairs), *([situation.other_data] if situation.other_data else [])]
    if situation.other_machine and ratios:
        remarks.append("other machine: the ratio of joules is of the machines too")
    if before.fixed != after.fixed:
        remarks.append(f"settings: {before.label} before")
    return MethodPair(
        comparison.task,
        comparison.metric,
        after.label,
        after.kind,
        sorted(b.spec.seed for b, _ in pairs),
        (_middle(before), _middle(after)),
        judgement,
        (before.energy, after.energy),
        bootstrap_interval(ratios) if ratios else None,
        _judged_joules(ratios, why),
        remarks,
    )


def _judged_joules(ratios: list[float], why: str) -> Judgement:
    if not ratios:
        return Judgement(Outcome.UNDECIDED, reason=why)
    return judge([-math.log(ratio) for ratio in ratios], math.log1p(repeat_margin()))


def repeat_margin() -> float:
    """Return the share by which two equal runs may differ in joules."""
    margin: float = catalogue.load("host_power")["repeat"]["margin"]["value"]
    return margin


def _nothing(situation: Situation) -> Judgement:
    if situation.other_data:
        return Judgement(Outcome.UNDECIDED, reason="not the same problems, so that nothing is paired")
    return Judgement(Outcome.UNDECIDED, reason="no seed finished in both runs")


def _middle(row: MethodRow) -> float | None:
    return row.quality[1] if row.quality else None


def _seeds(before: MethodRow, after: MethodRow, pairs: Sequence[Any]) -> list[str]:
    """Say which seeds only one of them has."""
    only = sorted(set(before.seeds) ^ set(after.seeds))
    if not only or not pairs:
        return []
    which = "seed {} is" if len(only) == 1 else "seeds {} are"
    return [f"{which.format(', '.join(map(str, only)))} in one run alone and left out"]


def _ratios(before: MethodRow, after: MethodRow, pairs: Sequence[Any]) -> tuple[list[float], str]:
    """Return second over first joules seed by seed, or why they do not compare."""
    if not pairs:
        return [], "no seeds to pair"
    both = [(a.host_energy, b.host_energy) for a, b in pairs]
    if any(x is None or y is None or not x.value or not y.value for x, y in both):
        return [], "joules of a trial are unknown"
    if len({(q.basis.strength, q.boundary) for two in both for q in two}) > 1:
        return [], "the joules have different bases or boundaries"
    return [x.to("J").value / y.to("J").value for x, y in both], ""
