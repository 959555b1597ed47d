"""What a run found, task by task: the best method's trial and what the task says of it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from weakref import WeakKeyDictionary

from qwatt.core.comparison import Comparison
from qwatt.core.headline import Headline
from qwatt.core.judgement import Outcome
from qwatt.core.method_row import MethodRow
from qwatt.core.registry import get_task
from qwatt.core.task import Task
from qwatt.core.telling import told
from qwatt.core.trial import Trial
from qwatt.protocol.artifacts import best_rival


@dataclass(frozen=True)
class Result:
    """The result of one task.

    Args:
        comparison: all its methods.
        trial: the one whose artifact the user takes away; its numbers describe that file.
        headline: what the task says of it.
    """

    comparison: Comparison
    trial: Trial
    headline: Headline

    @property
    def origin(self) -> str:
        """Which trial it is."""
        spec, seeds = self.trial.spec, {seed for row in self.comparison.rows for seed in row.seeds}
        which = f"seed {spec.seed}" + (f", one of {len(seeds)}" if len(seeds) > 1 else "")
        return f"{spec.task} on {spec.source}: {self.standing}; this is its {which}"

    @property
    def standing(self) -> str:
        """What may be said of the method: the best it is only if its quality is shown to be as good."""
        if not self.reservation:
            return f"the best method is {self.trial.spec.method}"
        return f"the method taken is {self.trial.spec.method}{self.reservation}, the best classical one"

    @property
    def row(self) -> MethodRow:
        """Its method in the comparison."""
        return next(row for row in self.comparison.rows if any(one is self.trial for one in row.trials))

    @property
    def reservation(self) -> str:
        """How it stands to the reference where it is not shown to be as good, else nothing."""
        own = self.row
        if own.outcome.passed or self.comparison.reference is None:
            return ""
        held = "worse than" if own.outcome is Outcome.WORSE else "undecided against"
        return f", {held} {self.comparison.reference}"


def results_of(comparisons: Sequence[Comparison], prefix: str = "") -> list[Result]:
    """Return the results of the tasks that have one.

    Args:
        comparisons: of one run.
        prefix: goes before the paths of artifacts, which are relative to the run folder: "runs/mine/".
    """
    found = []
    for comparison in comparisons:
        trial, better = _best_two(comparison)
        if trial is not None:
            said = _with_better(_said(trial, prefix), comparison, trial, None if better is trial else better)
            found.append(Result(comparison, trial, said))
    return found


def best_of(comparison: Comparison) -> Trial | None:
    """Return the best method's trial that made its artifact; those who made what was asked for go first."""
    return _best_two(comparison)[0]


def _best_two(comparison: Comparison) -> tuple[Trial | None, Trial | None]:
    """Return the best trial of those that made what was asked for, and the best of all; found once."""
    if comparison not in _BEST:
        rivals, task = _rivals(comparison), comparison.task
        _BEST[comparison] = best_rival(task, rivals, met=True), best_rival(task, rivals, met=False)
    return _BEST[comparison]


_BEST: WeakKeyDictionary[Comparison, tuple[Trial | None, Trial | None]] = WeakKeyDictionary()


def _rivals(comparison: Comparison) -> list[list[Trial]]:
    """Return the trials that compete, by who made them; the extra rows without shots do not."""
    rows = [row for row in comparison.rows if row.shots or row.kind != "quantum"]
    return [own for row in rows for own in row.by_maker]


def _said(trial: Trial, prefix: str = "") -> Headline:
    """Return what the task says of the trial and its artifact."""
    artifact = prefix + trial.artifacts[0] if trial.artifacts else None
    return told(lambda t: get_task(t.spec.task).headline(t, artifact), trial, partial(_plainly, artifact))


def _plainly(artifact: str | None, trial: Trial, missing: str) -> Headline:
    """Return what can be said of the trial of an earlier version, whose record lacks what is told today."""
    said = Task.headline(get_task(trial.spec.task), trial, artifact)
    note = f"an earlier version recorded this trial, without {missing}: run it again to be told more"
    return replace(said, facts=(*said.facts, note))


def _with_better(said: Headline, comparison: Comparison, taken: Trial, other: Trial | None) -> Headline:
    """Add why a method that is better, or as good for fewer joules, was not taken, if there is one."""
    if other is None or said.warnings:
        return said
    missed, metric = _said(other).warnings, comparison.metric.replace("_", " ")
    as_good = _median(comparison, other) == _median(comparison, taken)
    merit = f"whose {metric} is as good, for fewer joules" if as_good else f"which has the better {metric}"
    name = f"not taken: {other.spec.method}, {merit}"
    return replace(said, facts=(*said.facts, ", but ".join([name, *missed])))


def _median(comparison: Comparison, trial: Trial) -> float:
    """Return the median quality of the trials that made what this one did."""
    groups = _rivals(comparison)
    return median(one.quality or 0.0 for one in next(own for own in groups if trial in own))
