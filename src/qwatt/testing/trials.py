"""Runs one small trial, for the checks."""

from __future__ import annotations

from typing import Any

from qwatt.core.problem import Problem, Solution
from qwatt.core.registry import AnyMethod, get_task
from qwatt.core.trial import Trial, TrialSpec
from qwatt.energy.meter import Meter
from qwatt.protocol.execute import execute


def small_spec(method: type[AnyMethod], source: str | None = None, **changes: object) -> TrialSpec:
    """Return the specification of an xs trial with seed 0 and one setting.

    Args:
        method: the method class.
        source: the data; the task's default when None.
        changes: fields of `TrialSpec` to replace.
    """
    fields: dict[str, object] = {
        "task": method.task,
        "method": method.name,
        "source": source or get_task(method.task).default_source,
        "size": "xs",
        "seed": 0,
        "backend": "engine",
        "shots": 200,
        "tuning_trials": 1,
    }
    return TrialSpec(**(fields | changes))  # type: ignore[arg-type]


def run_small(method: type[AnyMethod], spec: TrialSpec) -> tuple[Trial, Problem, Solution[Any]]:
    """Run the trial and return it with its problem and solution; a failed trial fails the check."""
    task = get_task(spec.task)
    problem = task.load(spec.source, spec.size, spec.seed)
    trial, solution = execute(spec, task, method(), problem, Meter())
    assert solution is not None, f"{method.name} failed: {trial.error}\n{trial.traceback}"
    return trial, problem, solution
