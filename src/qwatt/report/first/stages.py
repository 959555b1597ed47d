"""The seven stages in a row: best classical and best quantum joules, the distance, and both ratings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qwatt.core.comparison import Comparison
from qwatt.core.judgement import Outcome
from qwatt.core.method_row import MethodRow
from qwatt.core.quantity import Quantity
from qwatt.core.task import STAGES
from qwatt.report.numbers import energy, factor, unbroken
from qwatt.report.projection.amounts import percent, value_and_interval
from qwatt.report.projection.stages import facility
from qwatt.report.projection.verdict_counts import counted_of
from qwatt.report.subject import Record, Subject

ORDER = (Outcome.NOT_WORSE, Outcome.UNDECIDED, Outcome.WORSE)
"""Quality goes before energy: the best quantum method is the cheapest of those that are not worse."""


@dataclass(frozen=True)
class Measured:
    """What the run says of a task; `powers` are of ten, QPU joules over the best classical method's."""

    task: str
    anchor: str
    classical: str
    classical_j: Quantity | None
    quantum: str
    outcome: str
    simulated_j: Quantity | None
    qpu: str
    qpu_j: Quantity | None
    runs: bool
    powers: float | None

    @property
    def times(self) -> str:
        """The distance as a factor."""
        return "" if self.powers is None else factor(10.0**self.powers)


@dataclass(frozen=True)
class Nearest:
    """The nearest quantum lever of a stage in the last year."""

    name: str
    anchor: str
    powers: float
    limit: str
    times: str
    place: float


@dataclass(frozen=True)
class StageCell:
    """One stage of the row; what the subject does not know is None or empty."""

    stage: str
    share: str
    share_percent: float
    life: tuple[str, str] | None
    measured: Measured | None
    tasks: Sequence[Measured]
    article: str
    ours: str
    nearest: Nearest | None
    why_none: str


def stage_cells(subject: Subject) -> list[StageCell]:
    """Return the stages in the order of a model's life."""
    tasks = [measured(subject, comparison) for comparison in subject.comparisons]
    return [
        _cell(subject, stage, [one for one in tasks if one.task.split("/")[0] == stage]) for stage in STAGES
    ]


def measured(subject: Subject, comparison: Comparison) -> Measured:
    """Return the best classical and the best quantum method of a comparison."""
    reference = None if comparison.reference is None else comparison.row(comparison.reference)
    base = None if reference is None else reference.ets or reference.energy
    best = _best_quantum(comparison)
    qpu = None if best is None else best.qpu or best.qpu_any
    return Measured(
        task=comparison.task,
        anchor=subject.anchors[id(comparison)],
        classical="" if reference is None else reference.label,
        classical_j=base,
        quantum="" if best is None else best.label,
        outcome="" if best is None else best.outcome.value,
        simulated_j=None if best is None else best.simulation,
        qpu="" if qpu is None else qpu[0],
        qpu_j=None if qpu is None else qpu[1],
        runs=best is not None and best.qpu is not None,
        powers=_powers(None if qpu is None else qpu[1], base),
    )


def _best_quantum(comparison: Comparison) -> MethodRow | None:
    rows = [row for row in comparison.rows if row.kind == "quantum" and row.shots is not None and row.quality]
    return min(rows, key=lambda row: (ORDER.index(row.outcome), _joules(row)), default=None)


def _joules(row: MethodRow) -> float:
    found = row.qpu or row.qpu_any
    cost = found[1] if found is not None else row.simulation
    return cost.to("J").interval[1] if cost is not None and cost.known else math.inf


def _powers(cost: Quantity | None, base: Quantity | None) -> float | None:
    if cost is None or base is None or not cost.known or not base.known:
        return None
    ends = cost.to("J").interval[1], base.to("J").interval[1]
    return math.log10(ends[0] / ends[1]) if min(ends) > 0 else None


def _cell(subject: Subject, stage: str, tasks: Sequence[Measured]) -> StageCell:
    near = min(tasks, key=_rank, default=None)
    if subject.record is None:
        return StageCell(stage, "", 0.0, None, near, tasks, "", "", None, "")
    entries = [e for e in subject.record["enhancements"] if e["stage"] == stage]
    costs = next(s for s in subject.record["stages"] if s["stage"] == stage)
    share = costs["share"]["value"]
    asked = [e for e in entries if e["kind"] != "none"]
    return StageCell(
        stage=stage,
        share="unknown" if share is None else percent(share),
        share_percent=100 * (share or 0.0),
        life=value_and_interval(facility(costs)),
        measured=near,
        tasks=tasks,
        article=article(asked or entries),
        ours=counted_of(asked),
        nearest=_nearest(asked),
        why_none=next((e["why"] for e in entries if e["kind"] == "none"), ""),
    )


def _rank(one: Measured) -> tuple[int, float]:
    """Order a stage's tasks: by what is known of the quantum method's quality, then the nearest first."""
    outcomes = [outcome.value for outcome in ORDER]
    known = outcomes.index(one.outcome) if one.outcome in outcomes else len(outcomes)
    return known, math.inf if one.powers is None else one.powers


def article(entries: Sequence[Record]) -> str:
    """Return the article's ratings of a stage, or their range where it has several rows there."""
    found = []
    for key, scale in (("time_scale", ("near", "medium", "long")), ("potential", ("low", "medium", "high"))):
        given = {entry["article"][key] for entry in entries}
        known = [word for word in scale if word in given] or sorted(given)
        found.append(" to ".join(dict.fromkeys([known[0], known[-1]])) if known else "none")
    return f"{found[0]} term, {found[1]} potential"


def _nearest(entries: Sequence[Record]) -> Nearest | None:
    """Return the lever with the least distance in the last year; None where none has a number."""
    known = [(e["distance"][max(e["distance"])], e) for e in entries if e["distance"]]
    numbered = [(power, entry) for power, entry in known if power is not None]
    if not numbered:
        return None
    power, entry = min(numbered, key=lambda pair: pair[0])
    anchor = "verdict-" + entry["id"].replace("/", "-")
    place = 8 + 88 * min(max(power, 0.0), 23.0) / 23.0
    return Nearest(entry["name"], anchor, power, entry["limit"] or "none", factor(10.0**power), place)


def joules(quantity: Quantity | None) -> str:
    """Write an energy of the row without its interval, which the table holds."""
    if quantity is None:
        return "not known"
    return unbroken(energy(quantity, interval=False)) if quantity.known else "unknown"
