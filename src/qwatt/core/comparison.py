"""Energy-to-solution at equal quality: quality first, energy second."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from qwatt.core.energies import cheapest_qpu, median_energy, own_energy
from qwatt.core.fixed import Fixed
from qwatt.core.judgement import MIN_PAIRS, NOTHING, Judgement, Outcome, judge
from qwatt.core.quantity import Quantity
from qwatt.core.registry import AnyTask
from qwatt.core.statistics import bootstrap_interval, pareto_front, repetitions, wilson_interval
from qwatt.core.trial import Trial, TrialSpec


@dataclass
class Row:
    """One method in a comparison.

    Args:
        method: its name.
        kind: its kind.
        shots: shots per circuit; None for the labelled exact rows.
        fixed: settings that the user fixed.
        seeds: seeds that finished.
        failed: trials that failed.
        quality: (low, median, high) over seeds, bootstrap 95 %.
        best_quality: best over seeds.
        energy: host energy of one trial, ring (iii).
        own: the same without work that methods share, such as embedding the text once for all.
        simulation: the part of it that simulated circuits, or None.
        qpu: (QPU id, energy with the measured classical remainder) of the cheapest QPU that can run it.
        qpu_any: the same over all QPUs that are priced, whether they can run it or not.
        judgement: whether its quality is worse than the reference's, and what that rests on.
        ets: energy-to-solution; None unless it is the reference or not worse.
        ratio: (low, median, high) of ETS over the reference's.
        own_ratio: the same ratio without shared work; None when the method shares none.
        p_target: (low, share, high) of seeds within the margin, Wilson.
        on_front: whether it lies on the Pareto front of quality against energy.
    """

    method: str
    kind: str
    shots: int | None
    fixed: Fixed
    seeds: list[int]
    failed: int
    quality: tuple[float, float, float] | None = None
    best_quality: float | None = None
    energy: Quantity | None = None
    own: Quantity | None = None
    simulation: Quantity | None = None
    qpu: tuple[str, Quantity] | None = None
    qpu_any: tuple[str, Quantity] | None = None
    judgement: Judgement = NOTHING
    ets: Quantity | None = None
    ratio: tuple[float, float, float] | None = None
    own_ratio: tuple[float, float, float] | None = None
    p_target: tuple[float, float, float] | None = None
    on_front: bool = False
    trials: list[Trial] = field(default_factory=list, repr=False)

    @property
    def label(self) -> str:
        """The method's name, with "exact" where expectation values were, and with what the user fixed."""
        exact = ["exact"] if self.shots is None and self.kind == "quantum" else []
        facts = exact + [f"{name}={value}" for name, value in self.fixed]
        return f"{self.method} ({', '.join(facts)})" if facts else self.method

    @property
    def outcome(self) -> Outcome:
        """Whether its quality is worse than the reference's."""
        return self.judgement.outcome


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
        """Return the row of a label, or else the first of a method."""
        labelled = (row for row in self.rows if row.label == method)
        return next(labelled, None) or next(row for row in self.rows if row.method == method)


def compare(task: AnyTask, trials: Sequence[Trial]) -> Comparison:
    """Compare the trials of one task, source, size and backend.

    The reference is the classical method with the best median quality on the seeds that all classical methods
    share. Only a method that is not worse (`qwatt.core.judgement`) gets an energy-to-solution and a ratio.
    """
    rows = [_row(group) for group in _groups(trials)]
    sign = 1.0 if task.higher_is_better else -1.0
    reference = _reference(rows, sign)
    for row in rows:
        if row.trials:
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


def judged(task: AnyTask, trials: Sequence[Trial]) -> list[Row]:
    """Return rows with nothing but their judgement, which `compare` gives too, at a fraction of its price."""
    rows = [_seeds_of(group) for group in _groups(trials)]
    sign = 1.0 if task.higher_is_better else -1.0
    reference = _reference(rows, sign)
    for row in rows:
        if row.trials:
            row.judgement = _judgement(row, reference, sign, task.margin)
    return rows


def undecided(task: AnyTask, trials: Sequence[Trial]) -> list[TrialSpec]:
    """Return the latest specification of every method that further seeds may decide, and of the reference's.

    Empty when every method is decided, or nothing finished to compare with.
    """
    rows = [row for row in judged(task, trials) if row.trials]
    outcomes = {row.outcome for row in rows}
    if not {Outcome.REFERENCE, Outcome.UNDECIDED} <= outcomes:
        return []
    open_to = (Outcome.REFERENCE, Outcome.UNDECIDED)
    return [row.trials[-1].spec for row in rows if row.outcome in open_to]


def _groups(trials: Sequence[Trial]) -> list[list[Trial]]:
    """Split trials by method, shots and fixed settings; shots mean nothing to a method without circuits."""
    groups: dict[tuple[str, int | None, Fixed], list[Trial]] = defaultdict(list)
    for trial in trials:
        shots = trial.spec.shots if trial.kind == "quantum" else 0
        groups[trial.spec.method, shots, trial.spec.fixed].append(trial)
    return list(groups.values())


def _seeds_of(group: list[Trial]) -> Row:
    done = [t for t in group if t.done and t.quality is not None]
    first = group[0]
    seeds = sorted(t.spec.seed for t in done)
    spec, failed = first.spec, len(group) - len(done)
    return Row(spec.method, first.kind, spec.shots, spec.fixed, seeds, failed, trials=done)


def _row(group: list[Trial]) -> Row:
    row = _seeds_of(group)
    if not row.trials:
        return row
    row.quality = bootstrap_interval([_quality(t) for t in row.trials])
    row.energy = median_energy([t.host_energy for t in row.trials])
    row.own = median_energy([own_energy(t) for t in row.trials])
    row.simulation = median_energy([t.simulation_energy for t in row.trials])
    row.qpu = cheapest_qpu(row.trials, executable_only=True)
    row.qpu_any = cheapest_qpu(row.trials, executable_only=False)
    return row


def _reference(rows: Sequence[Row], sign: float) -> Row | None:
    """Return the classical method with the best median on the seeds that all of them share.

    A method that stopped early, as it was decided, is not compared with seeds that it never saw. Where fewer
    than `MIN_PAIRS` are shared, because trials failed, each is judged by its own.
    """
    classical = [row for row in rows if row.kind == "classical" and row.trials]
    shared = set.intersection(*(set(row.seeds) for row in classical)) if classical else set()

    def worth(row: Row) -> float:
        few = len(shared) < MIN_PAIRS
        return median(sign * _quality(t) for t in row.trials if few or t.spec.seed in shared)

    return max(classical, key=worth, default=None)


def _judgement(row: Row, reference: Row | None, sign: float, margin: float) -> Judgement:
    if reference is None:
        return Judgement(Outcome.UNDECIDED, reason="no classical method finished")
    if row is reference:
        return Judgement(Outcome.REFERENCE, (0.0, 0.0, 0.0))
    pairs = _pairs(row, reference)
    missing = min(row.failed, len(reference.trials) - len(pairs))
    return judge(_differences(pairs, sign), margin, missing)


def _pairs(row: Row, reference: Row) -> list[tuple[Trial, Trial]]:
    base = {t.spec.seed: t for t in reference.trials}
    return [(t, base[t.spec.seed]) for t in row.trials if t.spec.seed in base]


def _differences(pairs: Sequence[tuple[Trial, Trial]], sign: float) -> list[float]:
    return [sign * (_quality(a) - _quality(b)) for a, b in pairs]


def _judge(row: Row, reference: Row | None, sign: float, margin: float) -> None:
    row.best_quality = sign * max(sign * _quality(t) for t in row.trials)
    row.judgement = _judgement(row, reference, sign, margin)
    pairs = _pairs(row, reference) if reference is not None else []
    if len(pairs) < 2:
        return
    within = sum(d >= -margin for d in _differences(pairs, sign))
    low, high = wilson_interval(within, len(pairs))
    row.p_target = low, within / len(pairs), high
    enough = len(pairs) >= MIN_PAIRS
    if enough and row.outcome.passed and row.energy is not None and row.energy.known:
        row.ets = _energy_to_solution(row)
        row.ratio = _ratio([(a.host_energy, b.host_energy) for a, b in pairs], row)
        if any(t.shared_energy is not None for t in row.trials):
            row.own_ratio = _ratio([(own_energy(a), own_energy(b)) for a, b in pairs], row)


def _quality(trial: Trial) -> float:
    assert trial.quality is not None
    return trial.quality


def _energy_to_solution(row: Row) -> Quantity:
    assert row.energy is not None and row.p_target is not None
    if not any(t.stochastic for t in row.trials):
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
        if name == "judgement":
            record |= asdict(value)
            continue
        if name == "fixed":
            value = dict(value)
        if isinstance(value, Quantity):
            value = value.to_record()
        elif name in ("qpu", "qpu_any") and value is not None:
            value = {"id": value[0], "energy": value[1].to_record()}
        record[name] = value
    return record
