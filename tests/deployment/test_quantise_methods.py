"""Every quantisation runs through the protocol on one layer of the tiny decoder."""

from __future__ import annotations

import pytest

from qwatt.core.registry import AnyMethod, all_methods, get_method
from qwatt.stages.deployment.quantise.qaoa_windows import QaoaWindows
from qwatt.stages.deployment.quantise.rounding_annealing import RoundingAnnealing
from qwatt.stages.deployment.quantise.task import QuantiseTask
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

TASK = "deployment/quantise"
OFFLINE = [m.name for m in all_methods(TASK) if m.extra is None and m is not QaoaWindows]
FEW = {"steps": 50, "reads": 2}
"""Settings of length, which these tests are not about."""


class TestQuantiseTask(TaskChecks):
    task = QuantiseTask


@pytest.mark.nightly
class TestRoundingAnnealing(MethodChecks):
    method = RoundingAnnealing
    tuning_trials = 1


class TestQaoaWindows(MethodChecks):
    method = QaoaWindows
    tuning_trials = 1


@pytest.mark.parametrize("name", OFFLINE)
def test_every_method_rounds_and_says_what_it_takes(name: str) -> None:
    method: type[AnyMethod] = type(get_method(TASK, name))
    assert method.sources and method.__doc__
    assert set(method.companions) <= {m.name for m in all_methods(TASK)}
    fixed = tuple((setting, value) for setting, value in FEW.items() if setting in method.space)
    trial, problem, solution = run_small(method, small_spec(method, fixed=fixed))
    assert trial.quality is not None
    assert trial.extras["layer_error"] < 1.3 * trial.extras["layer_error_round_to_nearest"]
    plan = method().plan(problem, trial.settings, 200)
    assert plan.run.work and all(units >= 0 for units in plan.run.work.values())
    (layer,) = solution.answer.layers.values()
    assert layer.codes.max() <= 7
