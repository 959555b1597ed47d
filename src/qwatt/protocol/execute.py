"""Run one trial: tune on validation data, apply the winner, score it, and account for every joule."""

from __future__ import annotations

import math
import os
import time
import traceback
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qwatt.core.errors import BudgetError, QwattError
from qwatt.core.fixed import blamed
from qwatt.core.interrupts import let_interrupts_pass
from qwatt.core.lazy import import_declared
from qwatt.core.limits import MOST_NUMBER
from qwatt.core.problem import Problem, Quality, Solution
from qwatt.core.progress import SCORING, SETTINGS, tell
from qwatt.core.quantity import Quantity
from qwatt.core.registry import AnyMethod, AnyTask
from qwatt.core.trial import Candidate, Trial, TrialSpec
from qwatt.protocol.context import TrialContext
from qwatt.protocol.phases import add, merge, without
from qwatt.protocol.plain import plain
from qwatt.protocol.pricing import per_prediction, price_everywhere
from qwatt.protocol.tuner import candidates

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter
    from qwatt.protocol.node import Node


@dataclass
class TunedSolution:
    """What tuning found: the winner, its settings, and what each candidate scored."""

    solution: Solution[Any]
    settings: dict[str, Any]
    index: int
    history: list[Candidate] = field(default_factory=list)


def execute(
    spec: TrialSpec,
    task: AnyTask,
    method: AnyMethod,
    problem: Problem,
    meter: Meter,
    node: Node | None = None,
) -> tuple[Trial, Solution[Any] | None]:
    """Run a trial. An exception of method or task becomes a failed trial; an interrupt passes through.

    What is measured has the node for itself.
    """
    context = TrialContext(spec, meter)
    trial = Trial(spec, method.kind.value, task.metric, "failed")
    start = time.perf_counter()
    try:
        import_declared(type(method))
        method.warm_up()
        if method.takes_backend:
            _prepare(context)
        with node.alone() if node is not None else _nobodys() as trial.node:
            start = time.perf_counter()
            with meter.window("trial") as whole, blamed(method, spec.fixed):
                tuned = _tune(task, method, problem, context)
                context.candidate = -1
                with meter.window("apply") as applied:
                    solution = method.apply(problem, tuned.solution, tuned.settings, context)
            trial.seconds = time.perf_counter() - start
        tell(0, 0, SCORING)
        quality = task.score(problem, solution)
        _account(trial, context, whole.energy, tuned)
        _describe(trial, quality, solution, tuned, method)
        if solution.counters.get("predictions"):
            plan = method.plan(problem, tuned.settings, spec.shots)
            count = solution.counters["predictions"]
            trial.extras |= per_prediction(applied.energy, plan.apply.demand, count)
    except BudgetError:
        raise
    except Exception as error:
        let_interrupts_pass(error)
        return failed_trial(trial, error, time.perf_counter() - start), None
    return trial, solution


def _nobodys() -> AbstractContextManager[dict[str, Any]]:
    return nullcontext({})


def failed_trial(trial: Trial, error: Exception, seconds: float) -> Trial:
    """Return the record of a trial that ended with an error."""
    failed = Trial(trial.spec, trial.kind, trial.metric, "failed", seconds=seconds)
    failed.node, failed.environment = trial.node, trial.environment
    failed.error = f"{type(error).__name__}: {error}"
    lines = "".join(traceback.format_exception(error, limit=-4))
    home = os.path.expanduser("~")  # noqa: PTH111 (pathlib raises where there is no home)
    failed.traceback = lines.replace(home, "~") if len(home) > 1 else lines
    return failed


def _prepare(context: TrialContext) -> None:
    """Make the backend before anything is measured, and start its generator afresh."""
    backend = context.backend
    backend.seed(context.spec.sequence()[1] % 2**32 + context.seed)
    if context.shots is not None:
        backend.bill_shots = context.shots


def _tune(task: AnyTask, method: AnyMethod, problem: Problem, context: TrialContext) -> TunedSolution:
    """Run every candidate and keep the one that validates best; the first of equals wins."""
    choices = candidates(method, context.spec.tuning_trials, context.spec.sequence(), context.spec.fixed)
    sign = 1.0 if task.higher_is_better else -1.0
    best: tuple[float, TunedSolution] | None = None
    history = []
    for index, settings in enumerate(choices):
        context.candidate = index
        tell(index, len(choices), SETTINGS)
        solution = method.run(problem, settings, context)
        value = task.validate(problem, solution).value if len(choices) > 1 else 0.0
        history.append(Candidate(plain(settings), plain(float(value))))
        worth = sign * value if math.isfinite(value) else -math.inf
        if best is None or worth > best[0]:
            best = (worth, TunedSolution(solution, settings, index))
    if best is None:
        raise QwattError(f"{method.name} has no settings to try")
    best[1].history = history if len(choices) > 1 else []
    return best[1]


def _account(trial: Trial, context: TrialContext, whole: Quantity, tuned: TunedSolution) -> None:
    """Split the trial's energy into phases and rings, and price its demand."""
    trial.host_energy = context.close(whole, trial.seconds)
    if context.charged:
        trial.shared_energy = add(charge.energy for charge in context.charged)
    trial.phases = merge([*context.windows, *context.charged], tuned.index)
    demand = context.demand
    trial.demand = demand.to_record()
    if demand:
        simulated = [window.energy for window in context.windows if window.simulated]
        trial.simulation_energy = add(simulated) if simulated else None
        trial.classical_remainder = without(trial.host_energy, simulated)
        trial.qpu = price_everywhere(demand)


def _describe(
    trial: Trial, quality: Quality, solution: Solution[Any], tuned: TunedSolution, method: AnyMethod
) -> None:
    value = float(quality.value)
    if not abs(value) <= MOST_NUMBER:  # NaN is not either
        raise QwattError(f"the {trial.metric} is {value}, which is no number to compare")
    trial.status = "done"
    trial.quality = value
    trial.extras = plain(quality.extras)
    trial.settings = plain(tuned.settings)
    trial.counters = plain(solution.counters)
    trial.projected = plain(solution.projected)
    trial.notes = plain(solution.notes)
    trial.tuning = tuned.history
    trial.stochastic = method.stochastic
