"""Run one trial: tune on validation data, apply the winner, score it, and account for every joule."""

from __future__ import annotations

import importlib
import math
import os
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.core.method import Kind, Method
from qwatt.core.problem import Problem, Quality, Solution
from qwatt.core.quantity import Quantity
from qwatt.core.task import Task
from qwatt.core.trial import Trial, TrialSpec
from qwatt.protocol.context import TrialContext
from qwatt.protocol.phases import Phase, add, merge, without
from qwatt.protocol.plain import plain
from qwatt.protocol.pricing import per_prediction, price_everywhere
from qwatt.protocol.tuning import candidates

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter


@dataclass
class Outcome:
    """What tuning found: the winner, its settings, and what each candidate scored."""

    solution: Solution
    settings: dict[str, Any]
    index: int
    history: list[dict[str, Any]] = field(default_factory=list)


def execute(
    spec: TrialSpec, task: Task, method: Method, problem: Problem, meter: Meter
) -> tuple[Trial, Solution | None]:
    """Run a trial. An exception of method or task becomes a failed trial; an interrupt passes through."""
    context = TrialContext(spec, meter)
    trial = Trial(spec, method.kind.value, task.metric, "failed")
    start = time.perf_counter()
    try:
        _import(method)
        if method.kind is not Kind.CLASSICAL:
            _prepare(context)
        start = time.perf_counter()
        with meter.window("trial") as whole:
            outcome = _tune(task, method, problem, context)
            context.candidate = -1
            with meter.window("apply") as applied:
                solution = method.apply(problem, outcome.solution, outcome.settings, context)
        trial.seconds = time.perf_counter() - start
        quality = task.score(problem, solution)
        _account(trial, context, whole.energy, outcome)
        _describe(trial, quality, solution, outcome, method)
        if solution.counters.get("predictions"):
            plan = method.plan(problem, outcome.settings, spec.shots)
            count = solution.counters["predictions"]
            trial.extras |= per_prediction(applied.energy, plan.apply_demand, count)
    except Exception as error:
        return failed_trial(trial, error, time.perf_counter() - start), None
    return trial, solution


def failed_trial(trial: Trial, error: Exception, seconds: float) -> Trial:
    """Return the record of a trial that ended with an error."""
    failed = Trial(trial.spec, trial.kind, trial.metric, "failed", seconds=seconds)
    failed.error = f"{type(error).__name__}: {error}"
    lines = "".join(traceback.format_exception(error, limit=-4))
    home = os.path.expanduser("~")  # noqa: PTH111 (pathlib raises where there is no home)
    failed.details["traceback"] = lines.replace(home, "~") if len(home) > 1 else lines
    return failed


def _import(method: Method) -> None:
    """Import the method's heavy modules before anything is measured."""
    for name in method.imports:
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # the method's own error will name the extra to install


def _prepare(context: TrialContext) -> None:
    """Make the backend before anything is measured, and start its bill and its generator afresh."""
    backend = context.backend
    backend.fresh_recorder()
    backend.seed(context.spec.sequence()[1] % 2**32 + context.seed)
    if context.shots is not None:
        backend.bill_shots = context.shots


def _tune(task: Task, method: Method, problem: Problem, context: TrialContext) -> Outcome:
    """Run every candidate and keep the one that validates best; the first of equals wins."""
    choices = candidates(method, context.spec.tuning_trials, context.spec.sequence())
    sign = 1.0 if task.higher_is_better else -1.0
    best: tuple[float, Outcome] | None = None
    history = []
    for index, settings in enumerate(choices):
        context.candidate = index
        solution = method.run(problem, settings, context)
        value = task.validate(problem, solution).value if len(choices) > 1 else 0.0
        history.append({"settings": settings, "validation": value})
        worth = sign * value if math.isfinite(value) else -math.inf
        if best is None or worth > best[0]:
            best = (worth, Outcome(solution, settings, index))
    if best is None:
        raise QwattError(f"{method.name} has no settings to try")
    best[1].history = history if len(choices) > 1 else []
    return best[1]


def _account(trial: Trial, context: TrialContext, whole: Quantity, outcome: Outcome) -> None:
    """Split the trial's energy into phases and rings, and price its demand."""
    measured = context.measured
    rest = without(whole, (energy for energy, _ in measured))
    seconds = max(0.0, trial.seconds - sum(s for _, s in measured))
    context.phases.append(Phase("other", seconds, rest, -1))
    trial.host_energy = add([whole, *context.charged])
    if context.charged:
        trial.details["shared_j"] = _interval(add(context.charged))
    trial.phases = merge(context.phases, outcome.index)
    demand = context.backend.recorder.demand if "backend" in context.__dict__ else Demand()
    trial.demand = demand.to_record()
    if demand:
        circuits = [phase.energy for phase in context.phases if phase.name == "circuits"]
        trial.simulation_energy = add(circuits) if circuits else None
        trial.details["classical_remainder_j"] = _interval(without(trial.host_energy, circuits))
        trial.qpu = price_everywhere(demand)


def _interval(energy: Quantity) -> dict[str, float] | None:
    if not energy.known:
        return None
    low, value, high = energy.to("J").interval
    return {"value": value, "low": low, "high": high}


def _describe(trial: Trial, quality: Quality, solution: Solution, outcome: Outcome, method: Method) -> None:
    value = float(quality.value)
    if not math.isfinite(value):
        raise QwattError(f"the {trial.metric} is {value}, which is no number to compare")
    trial.status = "done"
    trial.quality = value
    trial.extras = plain(quality.extras)
    trial.settings = plain(outcome.settings)
    trial.details |= {
        "counters": plain(solution.counters),
        "projected": plain(solution.projected),
        "notes": plain(solution.notes),
        "tuning": plain(outcome.history),
        "stochastic": method.stochastic,
    }
