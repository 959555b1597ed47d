"""Run a study: every trial that its folder does not hold yet, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from qwatt.core.errors import QwattError
from qwatt.core.method import Kind
from qwatt.core.problem import Problem, Solution
from qwatt.core.registry import get_backend, get_method, get_task
from qwatt.core.run_folder import RunFolder
from qwatt.core.study import Study
from qwatt.core.task import Task
from qwatt.core.trial import Trial, TrialSpec
from qwatt.protocol.chain import resolve_source
from qwatt.protocol.environment import describe_environment
from qwatt.protocol.execute import execute

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter

Listener = Callable[[str, TrialSpec, Trial | None], None]
"""Called with "load", "start" or "done", the specification, and for "done" the trial."""


@dataclass
class RunSummary:
    """What one call of `run_study` did.

    Args:
        folder: the run folder.
        trials: trials of the study that are done, from this call or an earlier one.
        failed: trials that failed.
        skipped: trials that were done before.
        seconds: wall time of this call.
        repaired: whether a torn last line was put aside.
    """

    folder: Path
    trials: int = 0
    failed: list[Trial] = field(default_factory=list)
    skipped: int = 0
    seconds: float = 0.0
    repaired: bool = False


def run_study(
    study: Study, study_text: str, folder: RunFolder, listener: Listener, meter: Meter | None = None
) -> RunSummary:
    """Run what is missing. Failed trials are tried again; finished ones are skipped.

    Args:
        study: the checked study.
        study_text: its TOML, kept in the folder.
        folder: where records go.
        listener: is told of progress.
        meter: reads energy; by default the best rung of this machine.

    Raises:
        QwattError: data cannot be loaded, or a backend or name does not exist.
    """
    start = time.perf_counter()
    summary = RunSummary(folder.path, repaired=folder.repair())
    done = {t.spec.id for t in folder.trials() if t.done}
    specs = study.trials()
    todo = [spec for spec in specs if spec.id not in done]
    summary.skipped = len(specs) - len(todo)
    for spec in {s.backend: s for s in todo}.values():
        get_backend(spec.backend)
    folder.write_text("study.toml", study_text)
    identifier, facts = describe_environment()
    folder.add_environment(identifier, facts)
    meter = meter or _meter(study)
    exported = {(t.spec.task, t.spec.method) for t in folder.trials() if t.details.get("artifacts")}
    for _, group in groupby(todo, key=lambda spec: spec.problem_key):
        batch = list(group)
        task = get_task(batch[0].task)
        listener("load", batch[0], None)
        problem = _load(task, batch[0], folder, specs)
        for spec in batch:
            listener("start", spec, None)
            trial, solution = execute(spec, task, get_method(spec.task, spec.method), problem, meter)
            trial.environment = identifier
            if solution is not None and (spec.task, spec.method) not in exported:
                exported.add((spec.task, spec.method))
                _export(task, problem, solution, trial, folder)
            folder.append(trial)
            listener("done", spec, trial)
    ids = {spec.id for spec in specs}
    ended = [t for t in folder.trials() if t.spec.id in ids]
    summary.trials = sum(t.done for t in ended)
    summary.failed = [t for t in ended if not t.done]
    summary.seconds = time.perf_counter() - start
    return summary


def _meter(study: Study) -> Meter:
    from qwatt.energy.meter import Meter

    return Meter()


def _load(task: Task, spec: TrialSpec, folder: RunFolder, specs: list[TrialSpec]) -> Problem:
    source = resolve_source(spec.source, folder, specs)
    try:
        return task.load(source, spec.size, spec.seed)
    except QwattError:
        raise
    except Exception as error:
        raise QwattError(
            f"{type(error).__name__} while loading {source!r} for {task.name}: {error}",
            mend="check the source; `qwatt data list` shows the built-in ones",
        ) from error


def _export(task: Task, problem: Problem, solution: Solution, trial: Trial, folder: RunFolder) -> None:
    """Write the artifacts of a method that is not a control, once a run."""
    if trial.kind == Kind.CONTROL:
        return
    target = folder.artifacts(trial.spec.task, trial.spec.method)
    files = task.export(problem, solution, target)
    trial.details["artifacts"] = [str(file.relative_to(folder.path)) for file in files]
