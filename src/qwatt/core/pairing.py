"""Every method beside the reference on the same seeds: who is not worse, and who needs further seeds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from qwatt.core.energies import thriftiest
from qwatt.core.judgement import MIN_PAIRS, Judgement, Outcome, judge
from qwatt.core.method_row import MethodRow, grouped, quality_of
from qwatt.core.registry import AnyTask
from qwatt.core.trial import Trial, TrialSpec


def judged(task: AnyTask, trials: Sequence[Trial]) -> list[MethodRow]:
    """Return rows with nothing but their judgement, which `compare` gives too, at a fraction of its price."""
    rows = grouped(trials)
    sign = 1.0 if task.higher_is_better else -1.0
    reference = find_reference(rows, sign)
    for row in rows:
        if row.trials:
            row.judgement = judgement(row, reference, sign, task.margin)
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


def find_reference(rows: Sequence[MethodRow], sign: float) -> MethodRow | None:
    """Return the classical method with the best median on the seeds that all share; of equals the thriftiest.

    A method that stopped early, as it was decided, is not compared with seeds that it never saw. Where fewer
    than `MIN_PAIRS` are shared, because trials failed, each is judged by its own.
    """
    classical = [row for row in rows if row.kind == "classical" and row.trials]
    shared = set.intersection(*(set(row.seeds) for row in classical)) if classical else set()

    few = len(shared) < MIN_PAIRS
    seen = {
        number: [t for t in row.trials if few or t.spec.seed in shared]
        for number, row in enumerate(classical)
    }
    best = thriftiest(seen, lambda trials: median(sign * quality_of(t) for t in trials))
    return None if best is None else classical[best]


def judgement(row: MethodRow, reference: MethodRow | None, sign: float, margin: float) -> Judgement:
    """Judge a row with at least one finished trial."""
    if reference is None:
        return Judgement(Outcome.UNDECIDED, reason="no classical method finished")
    if row is reference:
        return Judgement(Outcome.REFERENCE, (0.0, 0.0, 0.0))
    pairs = pairs_of(row, reference)
    missing = min(row.failed, len(reference.trials) - len(pairs))
    return judge(differences(pairs, sign), margin, missing)


def pairs_of(row: MethodRow, reference: MethodRow) -> list[tuple[Trial, Trial]]:
    """Return a row's trials, each with the reference's of the same seed."""
    base = {t.spec.seed: t for t in reference.trials}
    beside = [(t, base.get(t.spec.seed)) for t in row.trials]
    return [(t, other) for t, other in beside if other is not None]


def differences(pairs: Sequence[tuple[Trial, Trial]], sign: float) -> list[float]:
    """Return how much better the first of each pair is; `sign` is -1 where less is better."""
    return [sign * (quality_of(a) - quality_of(b)) for a, b in pairs]
