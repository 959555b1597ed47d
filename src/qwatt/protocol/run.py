"""Run a study: every trial that its folder does not hold yet, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.interrupts import let_interrupts_pass
from qwatt.core.method import Kind
from qwatt.core.problem import Problem, Solution
from qwatt.core.registry import AnyTask, get_method, get_task
from qwatt.core.run_folder import RunFolder
from qwatt.core.study import Study
from qwatt.core.trial import Trial, TrialSpec
from qwatt.data.report import gather_reports
from qwatt.protocol.artifacts import best_artifact, free_name, maker, of_first_entry, resolve_source
from qwatt.protocol.check import check_trials, load_problem
from qwatt.protocol.environment import describe_environment
from qwatt.protocol.execute import execute, failed_trial
from qwatt.protocol.fingerprint import check_sources
from qwatt.protocol.forecast import expected_seconds
from qwatt.protocol.further import batches
from qwatt.protocol.host import stated_power

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter

Listener = Callable[[str, TrialSpec, Trial | None], None]
"""Called with "further" (for a seed that was added where undecided), "load", "start" or "done", the
specification, and for "done" the trial."""

Forecast = Callable[[TrialSpec, float], None]
"""Called with a trial and the seconds that it is expected to take."""


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
        remarks: rows of the user's data that were left out, and why.
        artifacts: by task, the first artifact of its best method, on the task's first source.
    """

    folder: Path
    trials: int = 0
    failed: list[Trial] = field(default_factory=list)
    skipped: int = 0
    seconds: float = 0.0
    repaired: bool = False
    remarks: list[str] = field(default_factory=list)
    artifacts: dict[str, Path] = field(default_factory=dict)


def run_study(
    study: Study,
    study_text: str,
    folder: RunFolder,
    listener: Listener,
    meter: Meter | None = None,
    forecast: Forecast | None = None,
) -> RunSummary:
    """Run what is missing. Failed trials are tried again; finished ones are skipped.

    Args:
        study: the checked study.
        study_text: its TOML, kept in the folder.
        folder: where records go.
        listener: is told of progress.
        meter: reads energy; by default the best rung of this machine.
        forecast: is told what trials may take, as far as that is known.

    Raises:
        QwattError: data cannot be loaded, it changed since the run began, another run is writing into the
            folder, or a backend or name does not exist.
    """
    start = time.perf_counter()
    with folder.locked(), stated_power(study.host):
        summary = RunSummary(folder.path, repaired=folder.repair())
        specs = study.trials()
        done = {t.spec.id for t in folder.trials() if t.done}
        check_trials([spec for spec in specs if spec.id not in done], specs)
        environment, facts = describe_environment()
        folder.add_environment(environment, facts)  # first: from now on the folder is known as a run's
        given = [name for spec in specs for name in (spec.source, dict(spec.fixed).get("model")) if name]
        check_sources(folder, dict.fromkeys(map(str, given)))
        folder.write_text("study.toml", study_text)
        summary.skipped = _run_trials(study, environment, folder, listener, meter or _meter(), forecast)
    specs = study.possible_trials()
    ids = {spec.id for spec in specs}
    _sum_up(summary, [t for t in folder.trials() if t.spec.id in ids], specs)
    summary.seconds = time.perf_counter() - start
    return summary


def _sum_up(summary: RunSummary, ended: list[Trial], specs: list[TrialSpec]) -> None:
    done = [t for t in ended if t.done]
    summary.trials = len(done)
    summary.failed = [t for t in ended if not t.done]
    summary.remarks = list(dict.fromkeys(text for t in ended for text in t.data))
    for task in dict.fromkeys(t.spec.task for t in done):
        artifact = best_artifact(task, of_first_entry(task, done, specs))
        if artifact is not None:
            summary.artifacts[task] = summary.folder / artifact


def _run_trials(
    study: Study,
    environment: str,
    folder: RunFolder,
    listener: Listener,
    meter: Meter,
    forecast: Forecast | None,
) -> int:
    """Run what is missing, and return how many trials were not."""
    certain, possible = set(study.trials()), study.possible_trials()
    ids = {spec.id for spec in possible}
    ended = {t.spec.id: t for t in folder.trials() if t.spec.id in ids}
    exported = {maker(t.spec) for t in ended.values() if t.artifacts}
    met: set[str] = set()
    skipped = 0
    for batch in batches(study, ended):
        new = [spec for spec in batch if spec.id not in met]
        met |= {spec.id for spec in new}
        todo = [spec for spec in new if spec.id not in ended or not ended[spec.id].done]
        skipped += len(new) - len(todo)
        for spec in todo:
            if spec not in certain:
                listener("further", spec, None)
        for _, group in groupby(todo, key=lambda spec: spec.problem_key):
            problem = list(group)
            source = resolve_source(problem[0].source, folder, possible)
            for trial in _run_batch(problem, source, folder, exported, listener, meter, forecast):
                trial.environment = environment
                folder.append(trial)
                ended[trial.spec.id] = trial
                listener("done", trial.spec, trial)
    return skipped


def _run_batch(
    batch: list[TrialSpec],
    source: str,
    folder: RunFolder,
    exported: set[TrialSpec],
    listener: Listener,
    meter: Meter,
    forecast: Forecast | None,
) -> Iterator[Trial]:
    """Run every method on one problem, which is forgotten before the next one is loaded."""
    task = get_task(batch[0].task)
    listener("load", batch[0], None)
    with gather_reports() as reports:
        problem = load_problem(task, batch[0], source)
    left_out = [f"{r.source}: {r}" for r in reports if r.skipped or r.encodings or r.notes]
    if forecast is not None:
        for spec in batch:
            if (seconds := expected_seconds(spec, get_method(spec.task, spec.method), problem)) is not None:
                forecast(spec, seconds)
    for spec in batch:
        listener("start", spec, None)
        trial, solution = execute(spec, task, get_method(spec.task, spec.method), problem, meter)
        if solution is not None and spec.shots is not None and maker(spec) not in exported:
            trial = _export(task, problem, solution, trial, folder)
            exported |= {maker(spec)} if trial.done else set()
        if left_out:
            trial.data = left_out
        if source != spec.source:
            trial.artifact_source = Path(source).relative_to(folder.path).as_posix()
        yield trial


def _meter() -> Meter:
    from qwatt.energy.meter import Meter

    return Meter()


def _export(
    task: AnyTask, problem: Problem, solution: Solution[Any], trial: Trial, folder: RunFolder
) -> Trial:
    """Write the artifacts of a method that is not a control, once a run; an error makes the trial fail."""
    if trial.kind == Kind.CONTROL:
        return trial
    target = folder.artifacts(trial.spec.task, free_name(trial.spec, folder.trials()))
    try:
        files = task.export(problem, solution, target)
    except Exception as error:
        let_interrupts_pass(error)
        return failed_trial(trial, error, trial.seconds)
    trial.artifacts = [str(file.relative_to(folder.path)) for file in files]
    return trial
