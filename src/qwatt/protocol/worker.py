"""What does trials: it keeps the problem that one trial after the other needs, and knows the machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.core.interrupts import let_interrupts_pass
from qwatt.core.method import Kind
from qwatt.core.problem import Problem, Solution
from qwatt.core.registry import AnyTask, get_method, get_task
from qwatt.core.trial import Trial, TrialSpec
from qwatt.data.report import gather_reports
from qwatt.protocol.billing import Book
from qwatt.protocol.check import load_problem
from qwatt.protocol.environment import describe_environment
from qwatt.protocol.execute import execute, failed_trial
from qwatt.protocol.forecast import expected_seconds
from qwatt.protocol.node import Node

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter

Listener = Callable[[str, TrialSpec, Trial | None], None]
"""Called with "further" (for a seed that was added where undecided), "load", "start" or "done", the
specification, and for "done" the trial."""

Forecast = Callable[[TrialSpec, float], None]
"""Called with a trial and the seconds that it is expected to take."""


@dataclass(frozen=True)
class Job:
    """A trial to do.

    Args:
        spec: the trial.
        source: its source, with "@stage/task" replaced by the artifact.
        beside: the trials on the same problem that are to follow, for forecasts.
        export: folder for what the user takes away, or None.
        book: where remote jobs are written down, or None where none are submitted.
    """

    spec: TrialSpec
    source: str
    beside: tuple[TrialSpec, ...]
    export: Path | None
    book: Book | None = None


@dataclass(frozen=True)
class Outcome:
    """A trial that ended, and what it ran on; its artifacts are named relative to their own folder."""

    trial: Trial
    facts: dict[str, Any]


@dataclass(frozen=True)
class Outfit:
    """What a worker process must be told before it can do what its parent would.

    Args:
        folder: the working folder, which relative sources start from.
        catalogue: what the user laid over the catalogues.
        environment: variables that say what this study knows better, by name.
    """

    folder: str
    catalogue: dict[str, dict[str, Any]]
    environment: dict[str, str]

    @classmethod
    def of_this_process(cls) -> Outfit:
        """Return what this process knows."""
        from qwatt import catalogue
        from qwatt.energy.meter.host_power import OVERRIDE

        stated = {name: os.environ[name] for name in (OVERRIDE,) if name in os.environ}
        return cls(str(Path.cwd()), catalogue.own_tables(), stated)

    def __call__(self) -> None:
        """Make this process like that one."""
        from qwatt import catalogue

        os.chdir(self.folder)
        os.environ.update(self.environment)
        catalogue.lay(self.catalogue)


class Worker:
    """Does jobs one after the other; a problem is forgotten before the next one is loaded.

    Args:
        node: the machine.
        meter: reads energy; by default the best rung of this machine.
        listener: is told of loading and starting.
        forecast: is told what trials may take, as far as that is known.
    """

    def __init__(
        self,
        node: Node,
        meter: Meter | None = None,
        listener: Listener | None = None,
        forecast: Forecast | None = None,
    ) -> None:
        if meter is None:
            from qwatt.energy.meter import Meter

            meter = Meter()
        self.node, self.meter = node, meter
        self._listener, self._forecast = listener, forecast
        self.environment, self.facts = describe_environment()
        self._key: tuple[object, ...] = ()
        self._problem: Problem | None = None
        self._left_out: list[str] = []

    def __call__(self, job: Job) -> Outcome:
        """Do a job: load, run, export.

        Raises:
            QwattError: the problem cannot be loaded.
        """
        task, spec = get_task(job.spec.task), job.spec
        problem = self._load(task, job)
        self._tell("start", spec)
        method = get_method(spec.task, spec.method)
        with nullcontext() if job.book is None else job.book.opened(spec.id):
            trial, solution = execute(spec, task, method, problem, self.meter, self.node)
        if solution is not None and job.export is not None:
            trial = _export(task, problem, solution, trial, job.export)
        if self._left_out:
            trial.data = self._left_out
        trial.environment = self.environment
        return Outcome(trial, self.facts)

    def _load(self, task: AnyTask, job: Job) -> Problem:
        key = (*job.spec.problem_key, job.source)
        if self._problem is None or self._key != key:
            self._problem = None
            self._tell("load", job.spec)
            with gather_reports() as reports, self.node.busy():
                problem = load_problem(task, job.spec, job.source)
            self._left_out = [f"{r.source}: {r}" for r in reports if r.skipped or r.encodings or r.notes]
            self._problem, self._key = problem, key
            self._expect(job, problem)
        return self._problem

    def _expect(self, job: Job, problem: Problem) -> None:
        for spec in job.beside if self._forecast is not None else ():
            seconds = expected_seconds(spec, get_method(spec.task, spec.method), problem)
            if seconds is not None and self._forecast is not None:
                self._forecast(spec, seconds)

    def _tell(self, event: str, spec: TrialSpec) -> None:
        if self._listener is not None:
            self._listener(event, spec, None)


def _export(task: AnyTask, problem: Problem, solution: Solution[Any], trial: Trial, target: Path) -> Trial:
    """Write what the user takes away of a method that is not a control; an error makes the trial fail."""
    if trial.kind == Kind.CONTROL:
        return trial
    target.mkdir(parents=True, exist_ok=True)
    try:
        files = task.export(problem, solution, target)
        trial.artifacts = [file.relative_to(target).as_posix() for file in files]
    except Exception as error:
        let_interrupts_pass(error)
        return failed_trial(trial, error, trial.seconds)
    return trial


_worker: Worker | None = None


def work(job: Job) -> Outcome:
    """Do a job in a worker process, which keeps its worker."""
    global _worker  # noqa: PLW0603 (one a process is what is wanted)
    if _worker is None:
        _worker = Worker(Node(waits=True))
    return _worker(job)
