"""The comparison of two run folders as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qwatt.core.comparison import Comparison
from qwatt.core.energy_log import StageTotal, read_energy, stage_totals
from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.report import comparisons_of
from qwatt.report.two_runs.changes import Change, changes
from qwatt.report.two_runs.methods import MethodPair, Situation, method_pairs

SAME_ELSEWHERE = ("cpu", "cores", "system")


@dataclass(frozen=True)
class StagePair:
    """Recorded energy of a stage in two runs; there are no seeds, so that nothing is tested.

    Args:
        stage: the stage.
        energy: (first, second) sums; None where a run recorded none.
        ratio: second over first; None where they do not compare.
        remark: why not, or what must be said.
    """

    stage: str
    energy: tuple[Quantity | None, Quantity | None]
    ratio: float | None
    remark: str

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        energies = [None if q is None else q.to_record() for q in self.energy]
        return {"stage": self.stage, "energy": energies, "ratio": self.ratio, "remark": self.remark}


@dataclass(frozen=True)
class TwoRuns:
    """Two runs, the second judged against the first.

    Args:
        first, second: their folders.
        changes: what differs.
        methods: every method that both have.
        recorded: every stage of which either recorded energy.
        alone: what only one of them has.
    """

    first: Path
    second: Path
    changes: Sequence[Change]
    methods: Sequence[MethodPair]
    recorded: Sequence[StagePair]
    alone: Sequence[str]

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "first": str(self.first),
            "second": str(self.second),
            "changes": [change.to_record() for change in self.changes],
            "methods": [pair.to_record() for pair in self.methods],
            "recorded": [pair.to_record() for pair in self.recorded],
            "alone": list(self.alone),
        }


def compare_runs(first: RunFolder, second: RunFolder) -> TwoRuns:
    """Judge the second run against the first.

    Raises:
        QwattError: a record of one of them is damaged.
    """
    found = changes(first, second)
    methods: list[MethodPair] = []
    alone: list[str] = []
    before = comparisons_of(first)
    after = comparisons_of(second)
    for one, other in _matched(before, after):
        pairs = method_pairs(one, other, _situation(one, other, found))
        methods += pairs
        alone += _alone(one, other, pairs)
    tasks, later = ({c.task for c in run} for run in (before, after))
    alone += [f"{task}: in the {_which(task in later)} run alone" for task in sorted(tasks ^ later)]
    recorded = list(_recorded(first, second))
    return TwoRuns(first.path, second.path, found, methods, recorded, alone)


def _matched(
    before: Sequence[Comparison], after: Sequence[Comparison]
) -> Iterator[tuple[Comparison, Comparison]]:
    """Yield comparisons of the same problems; of a task that each has once, whatever its data and size."""
    for other in after:
        same = [one for one in before if one.task == other.task]
        exact = [one for one in same if (one.source, one.size) == (other.source, other.size)]
        once = len(same) == 1 and sum(one.task == other.task for one in after) == 1
        if exact or once:
            yield (exact or same)[0], other


def _situation(one: Comparison, other: Comparison, found: Sequence[Change]) -> Situation:
    changed = {change.name for change in found if change.what == "data"}
    why = ""
    if one.size != other.size:
        why = f"size {one.size} before"
    elif one.source != other.source:
        why = f"data {one.source} before"
    elif other.source in changed:
        why = f"the content of {other.source} changed"
    machine = any(c.what == "machine" and c.name in SAME_ELSEWHERE for c in found)
    return Situation(why, machine)


def _alone(one: Comparison, other: Comparison, pairs: Sequence[MethodPair]) -> list[str]:
    matched = {pair.method for pair in pairs}
    methods = {row.method for row in other.rows}
    labels = {row.label: True for row in other.rows if row.label not in matched}
    labels |= {row.label: False for row in one.rows if row.method not in methods}
    return [f"{other.task} {label}: in the {_which(later)} run alone" for label, later in labels.items()]


def _which(later: bool) -> str:
    return "second" if later else "first"


def _recorded(first: RunFolder, second: RunFolder) -> Iterator[StagePair]:
    before, after = ({t.stage: t for t in stage_totals(read_energy(run.path))} for run in (first, second))
    for stage in dict.fromkeys([*before, *after]):
        yield _stage(stage, before.get(stage), after.get(stage))


def _stage(stage: str, before: StageTotal | None, after: StageTotal | None) -> StagePair:
    energies = tuple(None if one is None else one.energy for one in (before, after))
    x, y = energies
    if x is None or y is None:
        return StagePair(stage, (x, y), None, "recorded in one run alone")
    if not (x.known and y.known):
        return StagePair(stage, (x, y), None, "an energy is unknown")
    if x.boundary != y.boundary or x.basis.strength != y.basis.strength:
        return StagePair(stage, (x, y), None, "different bases or boundaries")
    ratio = y.interval[1] / x.interval[1] if x.interval[1] else None
    return StagePair(stage, (x, y), ratio, "one figure each: nothing is tested")
