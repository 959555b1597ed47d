"""Energy-to-solution at equal quality: quality first, energy second."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qwatt.core.energies import own_energy
from qwatt.core.judgement import MIN_PAIRS, sides
from qwatt.core.method_row import MethodRow, grouped, quality_of, sum_up
from qwatt.core.pairing import differences, find_reference, judgement, pairs_of
from qwatt.core.quantity import Quantity
from qwatt.core.registry import AnyTask
from qwatt.core.statistics import bootstrap_interval, pareto_front, repetitions, wilson_interval
from qwatt.core.trial import Trial


@dataclass(eq=False)  # each is itself, so that what is found of it can be kept
class Comparison:
    """All methods of one task on the same problems."""

    task: str
    source: str
    size: str
    backend: str
    metric: str
    higher_is_better: bool
    margin: float
    functional_unit: str
    reference: str | None
    rows: list[MethodRow]

    def row(self, method: str) -> MethodRow:
        """Return the row of a label, or else the first of a method."""
        labelled = (row for row in self.rows if row.label == method)
        return next(labelled, None) or next(row for row in self.rows if row.method == method)


def compare(task: AnyTask, trials: Sequence[Trial]) -> Comparison:
    """Compare the trials of one task, source, size and backend.

    The reference is the classical method with the best median quality on the seeds that all classical methods
    share. Only a method that is not worse (`qwatt.core.judgement`) gets an energy-to-solution and a ratio.
    """
    rows = grouped(trials)
    sign = 1.0 if task.higher_is_better else -1.0
    reference = find_reference(rows, sign)
    for row in rows:
        if row.trials:
            sum_up(row)
            _judge(row, reference, sign, task.margin)
    _mark_front(rows, sign)
    first = trials[0].spec
    return Comparison(
        task.name,
        first.source,
        first.size,
        first.backend,
        task.metric,
        task.higher_is_better,
        task.margin,
        task.functional_unit,
        reference.label if reference else None,
        rows,
    )


def compare_all(trials: Sequence[Trial], tasks: Mapping[str, AnyTask]) -> list[Comparison]:
    """Split trials by task, source, size and backend, in order of appearance, and compare each group."""
    groups: dict[tuple[str, ...], list[Trial]] = defaultdict(list)
    for trial in trials:
        spec = trial.spec
        groups[spec.task, spec.source, spec.size, spec.backend].append(trial)
    return [compare(tasks[key[0]], group) for key, group in groups.items() if key[0] in tasks]


def _judge(row: MethodRow, reference: MethodRow | None, sign: float, margin: float) -> None:
    row.best_quality = sign * max([sign * quality_of(t) for t in row.trials])
    row.judgement = judgement(row, reference, sign, margin)
    pairs = pairs_of(row, reference) if reference is not None else []
    if len(pairs) < 2:
        return
    within = len(pairs) - sides(differences(pairs, sign), margin)[1]
    low, high = wilson_interval(within, len(pairs))
    row.p_target = low, within / len(pairs), high
    enough = len(pairs) >= MIN_PAIRS
    if enough and row.outcome.passed and row.energy is not None and row.energy.known:
        row.ets = _energy_to_solution(row)
        row.ratio = _ratio([(a.host_energy, b.host_energy) for a, b in pairs], row)
        if any(t.shared_energy is not None for t in row.trials):
            row.own_ratio = _ratio([(own_energy(a), own_energy(b)) for a, b in pairs], row)


def _energy_to_solution(row: MethodRow) -> Quantity:
    assert row.energy is not None and row.p_target is not None
    if not any(t.stochastic for t in row.trials):
        return row.energy
    worst, share, best = (repetitions(p) for p in row.p_target)
    return row.energy.scaled(share, best, worst) if math.isfinite(worst) else row.energy.scaled(share)


def _ratio(
    pairs: list[tuple[Quantity | None, Quantity | None]], row: MethodRow
) -> tuple[float, float, float] | None:
    """Return the paired ratio of energies; intervals common to both (W per vCPU) cancel."""
    values = []
    for mine, theirs in pairs:
        if mine is None or theirs is None or not mine.value or not theirs.value:
            return None
        values.append(mine.value / theirs.value)
    assert row.energy is not None and row.ets is not None
    repeats = row.ets.interval[1] / row.energy.interval[1]
    low, value, high = bootstrap_interval(values)
    return low * repeats, value * repeats, high * repeats


def _mark_front(rows: list[MethodRow], sign: float) -> None:
    points: list[tuple[MethodRow, float, float]] = []
    for row in rows:
        if row.quality and row.energy is not None and row.energy.known:
            points.append((row, row.energy.interval[1], sign * row.quality[1]))
    for index in pareto_front([(cost, quality) for _, cost, quality in points]):
        points[index][0].on_front = True


def to_record(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as JSON: one object a method."""
    record: dict[str, Any] = {
        name: getattr(comparison, name)
        for name in Comparison.__dataclass_fields__
        if name not in ("rows", "trials")
    }
    record["rows"] = [row.to_record() for row in comparison.rows]
    return record
