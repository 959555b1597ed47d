"""Energy-to-solution at equal quality: quality first, energy second, else "not reached"."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from qwatt.core.energies import cheapest_qpu, median_energy, own_energy
from qwatt.core.quantity import Quantity
from qwatt.core.statistics import (
    MIN_PAIRS,
    bootstrap_interval,
    noninferiority_bound,
    pareto_front,
    repetitions,
    wilson_interval,
)
from qwatt.core.task import Task
from qwatt.core.trial import Trial


@dataclass
class Row:
    """One method in a comparison.

    Args:
        method: its name.
        kind: its kind.
        shots: shots per circuit; None for the labelled exact rows.
        seeds: seeds that finished.
        failed: trials that failed.
        quality: (low, median, high) over seeds, bootstrap 95 %.
        best_quality: best over seeds.
        energy: host energy of one trial, ring (iii).
        own: the same without work that methods share, such as embedding the text once for all.
        simulation: the part of it that simulated circuits, or None.
        qpu: (QPU id, energy with the measured classical remainder) of the cheapest QPU that can run it.
        qpu_any: the same over all QPUs that are priced, whether they can run it or not.
        bound: lower confidence bound of the paired quality difference to the reference.
        reached: True, False, or None when there are too few seeds to say.
        ets: energy-to-solution; None when the quality is not reached.
        ratio: (low, median, high) of ETS over the reference's.
        own_ratio: the same ratio without shared work; None when the method shares none.
        p_target: (low, share, high) of seeds within the margin, Wilson.
        on_front: whether it lies on the Pareto front of quality against energy.
    """

    method: str
    kind: str
    shots: int | None
    seeds: list[int]
    failed: int
    quality: tuple[float, float, float] | None = None
    best_quality: float | None = None
    energy: Quantity | None = None
    own: Quantity | None = None
    simulation: Quantity | None = None
    qpu: tuple[str, Quantity] | None = None
    qpu_any: tuple[str, Quantity] | None = None
    bound: float | None = None
    reached: bool | None = None
    ets: Quantity | None = None
    ratio: tuple[float, float, float] | None = None
    own_ratio: tuple[float, float, float] | None = None
    p_target: tuple[float, float, float] | None = None
    on_front: bool = False
    trials: list[Trial] = field(default_factory=list, repr=False)

    @property
    def label(self) -> str:
        """The method's name, with "(exact)" where expectation values were exact."""
        exact = self.shots is None and self.kind == "quantum"
        return f"{self.method} (exact)" if exact else self.method


@dataclass
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
    rows: list[Row]

    def row(self, method: str) -> Row:
        """Return a method's row."""
        return next(row for row in self.rows if row.method == method)


def compare(task: Task, trials: Sequence[Trial]) -> Comparison:
    """Compare the trials of one task, source, size and backend.

    The reference is the classical method with the best median quality. A method passes when the lower
    confidence bound of its paired difference to the reference lies above minus the task's margin, with at
    least five seeds; only then it gets an energy-to-solution and a ratio.
    """
    groups: dict[tuple[str, int | None], list[Trial]] = defaultdict(list)
    for trial in trials:
        shots = trial.spec.shots if trial.kind == "quantum" else 0
        groups[trial.spec.method, shots].append(trial)
    rows = [_row(group) for group in groups.values()]
    sign = 1.0 if task.higher_is_better else -1.0
    classical = [r for r in rows if r.kind == "classical" and r.quality]
    reference = max(classical, key=lambda r: sign * r.quality[1], default=None)  # type: ignore[index]
    for row in rows:
        if reference is not None and row.quality:
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
        reference.method if reference else None,
        rows,
    )


def compare_all(trials: Sequence[Trial], tasks: dict[str, Task]) -> list[Comparison]:
    """Split trials by task, source, size and backend, in order of appearance, and compare each group."""
    groups: dict[tuple[str, ...], list[Trial]] = defaultdict(list)
    for trial in trials:
        spec = trial.spec
        groups[spec.task, spec.source, spec.size, spec.backend].append(trial)
    return [compare(tasks[key[0]], group) for key, group in groups.items() if key[0] in tasks]


def _row(group: list[Trial]) -> Row:
    done = [t for t in group if t.done and t.quality is not None]
    first = group[0]
    row = Row(
        first.spec.method,
        first.kind,
        first.spec.shots,
        sorted(t.spec.seed for t in done),
        len(group) - len(done),
        trials=done,
    )
    if not done:
        return row
    qualities = [t.quality for t in done if t.quality is not None]
    row.quality = bootstrap_interval(qualities)
    row.energy = median_energy([t.host_energy for t in done])
    row.own = median_energy([own_energy(t) for t in done])
    row.simulation = median_energy([t.simulation_energy for t in done])
    row.qpu = cheapest_qpu(done, executable_only=True)
    row.qpu_any = cheapest_qpu(done, executable_only=False)
    return row


def _judge(row: Row, reference: Row, sign: float, margin: float) -> None:
    base = {t.spec.seed: t for t in reference.trials}
    pairs = [(t, base[t.spec.seed]) for t in row.trials if t.spec.seed in base]
    differences = [sign * (_quality(a) - _quality(b)) for a, b in pairs]
    row.best_quality = sign * max(sign * _quality(t) for t in row.trials)
    if len(pairs) < 2:
        return
    within = sum(d >= -margin for d in differences)
    row.p_target = (
        wilson_interval(within, len(pairs))[0],
        within / len(pairs),
        wilson_interval(within, len(pairs))[1],
    )
    row.bound = noninferiority_bound(differences)
    if len(pairs) < MIN_PAIRS:
        return
    row.reached = row is reference or row.bound > -margin
    if row.reached and row.energy is not None and row.energy.known:
        row.ets = _energy_to_solution(row)
        row.ratio = _ratio([(a.host_energy, b.host_energy) for a, b in pairs], row)
        if any(t.details.get("shared_j") for t in row.trials):
            row.own_ratio = _ratio([(own_energy(a), own_energy(b)) for a, b in pairs], row)


def _quality(trial: Trial) -> float:
    assert trial.quality is not None
    return trial.quality


def _energy_to_solution(row: Row) -> Quantity:
    assert row.energy is not None and row.p_target is not None
    if not any(t.details.get("stochastic") for t in row.trials):
        return row.energy
    worst, share, best = (repetitions(p) for p in row.p_target)
    return row.energy.scaled(share, best, worst) if math.isfinite(worst) else row.energy.scaled(share)


def _ratio(
    pairs: list[tuple[Quantity | None, Quantity | None]], row: Row
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


def _mark_front(rows: list[Row], sign: float) -> None:
    points: list[tuple[Row, float, float]] = []
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
    record["rows"] = [_row_record(row) for row in comparison.rows]
    return record


def _row_record(row: Row) -> dict[str, Any]:
    record: dict[str, Any] = {"label": row.label}
    for name in Row.__dataclass_fields__:
        value = getattr(row, name)
        if name == "trials":
            continue
        if isinstance(value, Quantity):
            value = value.to_record()
        elif name in ("qpu", "qpu_any") and value is not None:
            value = {"id": value[0], "energy": value[1].to_record()}
        record[name] = value
    return record
