"""Seeds that solved a task are counted for every method, and nothing is said where trials do not say."""

from __future__ import annotations

from dataclasses import replace

from qwatt.core.method_row import MethodRow
from qwatt.core.trial import Trial
from qwatt.report.solved import solved_seeds
from qwatt.stages.tuning.reinforce.random_policy import RandomPolicy
from qwatt.testing.trials import run_small, small_spec


def row(trials: list[Trial]) -> MethodRow:
    found = MethodRow("random", "control", 200, (), [0, 1], 0)
    found.trials.extend(trials)
    return found


def test_seeds_that_failed_are_counted() -> None:
    trial, _, _ = run_small(RandomPolicy, small_spec(RandomPolicy))
    assert trial.extras["solved"] is False
    lucky = replace(trial, extras=dict(trial.extras) | {"solved": True})
    assert solved_seeds([row([trial, lucky])]) == "Seeds solved: random 1 of 2."
    silent = replace(trial, extras={})
    assert solved_seeds([row([silent]), row([])]) == ""
