"""Run a study, or open the folder of one that was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qwatt.api.asked import Chosen, Target, asked_study
from qwatt.api.figure import Figure, first_of
from qwatt.api.result import Result, Row
from qwatt.core.errors import unknown_name
from qwatt.core.headline import counted
from qwatt.core.run_folder import RunFolder

if TYPE_CHECKING:
    from qwatt.core.comparison import Comparison
    from qwatt.core.study import Study
    from qwatt.core.trial import Trial, TrialSpec
    from qwatt.projection.scenario.model import Scenario
    from qwatt.protocol.run import RunSummary
    from qwatt.protocol.worker import Forecast, Listener


@dataclass(frozen=True, repr=False)
class Run(Result):
    """A run folder, and what was done when this process ran it.

    Args:
        path: the folder.
        summary: what one call of `run` did; None for a run that was only opened.
    """

    path: Path
    summary: RunSummary | None = None

    @property
    def title(self) -> str:
        """Return the folder, and how many trials finished."""
        failed = f", {len(self.failed)} failed" if self.failed else ""
        return f"{self.path}: {counted(len(self.trials) - len(self.failed), 'trial')} done{failed}"

    @cached_property
    def trials(self) -> list[Trial]:
        """All trials of the folder."""
        return list(RunFolder.open(self.path).trials())

    @property
    def failed(self) -> list[Trial]:
        """The trials that failed; their `error` says why."""
        return [trial for trial in self.trials if not trial.done]

    @cached_property
    def comparisons(self) -> list[Comparison]:
        """Every task's methods at equal quality."""
        from qwatt.report import comparisons_of

        return comparisons_of(RunFolder.open(self.path))

    @property
    def artifacts(self) -> dict[str, Path]:
        """By task, what the best method made; `qwatt.load` opens its folder."""
        from qwatt.report.result import best_of

        best = [(one.task, best_of(one)) for one in self.comparisons]
        return {task: self.path / t.artifacts[0] for task, t in best if t is not None and t.artifacts}

    @property
    def report(self) -> Path:
        """The report's page, written anew if it is not there."""
        from qwatt.core.study_file import load_study
        from qwatt.report import write_report
        from qwatt.report.scenario import projected, scenario_of

        page = self.path / "report.html"
        if page.is_file():
            return page
        folder = RunFolder.open(self.path)
        study = load_study(self.path / "study.toml")
        return write_report(folder, projected(scenario_of(study, folder=folder), folder))

    def rows(self) -> Sequence[Row]:
        """Return a row a method: quality, energy with interval and basis, outcome, ratio, cheapest QPU."""
        from qwatt.report.exports import comparison_rows

        return comparison_rows(self.comparisons)

    def figure(self, task: str | None = None) -> Figure | None:
        """Return the picture of quality against energy of a task, the first if none is named.

        Raises:
            QwattError: the run has no such task.
        """
        from qwatt.report.gallery.of_run import run_figures

        shown = [one for one in self.comparisons if task in (None, one.task)]
        if not shown and task is not None:
            raise unknown_name("task of this run", task, [one.task for one in self.comparisons])
        return first_of(run_figures(RunFolder(self.path), shown[:1]), "-quality-against-energy")

    def to_dict(self) -> dict[str, Any]:
        """Return what `qwatt run --json` prints; for an opened run what is known of it."""
        from qwatt.api.summary import run_record

        return run_record(self)


@dataclass(frozen=True)
class Prepared:
    """A run that is about to begin.

    Args:
        study: what is run.
        text: its TOML, kept in the folder.
        folder: where it is run.
        specs: the trials that run in any case.
        done: those of them that were done before.
        scenario: the life onto which the report projects what was measured; None for none.
        executor: where they run.
        budget_usd: what remote jobs may cost; None for no limit.
        partial: whether to begin although the plan costs more.
    """

    study: Study
    text: str
    folder: RunFolder
    specs: Sequence[TrialSpec]
    done: Sequence[Trial] = field(repr=False)
    scenario: Scenario | None = None
    executor: str = "serial"
    budget_usd: float | None = None
    partial: bool = False

    @property
    def spread(self) -> bool:
        """Whether several trials run at once, in other processes."""
        return self.executor != "serial"


def prepare(
    target: Target,
    options: Mapping[str, Any],
    out: str | PathLike[str] | None = None,
    force: bool = False,
    executor: str = "serial",
    budget_usd: float | None = None,
    partial: bool = False,
) -> Prepared:
    """Check what is asked for, and the folder that it goes into.

    Raises:
        QwattError: the target or an option is wrong, or the folder holds something else.
    """
    from qwatt.core.executors.open import check_executor
    from qwatt.protocol.belonging import check_folder
    from qwatt.protocol.billing import check_backend
    from qwatt.report.scenario import scenario_of

    check_executor(executor)
    study, text, default_out = asked_study(target, options)
    check_backend(study.backend, budget_usd)
    path = default_out if out is None else Path(out)
    if not force:
        check_folder(path, study)
    scenario = scenario_of(study)
    folder = RunFolder(path)
    specs = study.trials()
    ids = study.certain_ids
    done = [trial for name, trial in folder.by_id().items() if name in ids and trial.done]
    return Prepared(study, text, folder, specs, done, scenario, executor, budget_usd, partial)


def execute(prepared: Prepared, listener: Listener, forecast: Forecast | None = None) -> Run:
    """Run what is missing, and write the report with what it means for the life of the scenario."""
    from qwatt.protocol.run import run_study
    from qwatt.report import write_report
    from qwatt.report.scenario import keep, projected

    summary = run_study(
        prepared.study,
        prepared.text,
        prepared.folder,
        listener,
        forecast=forecast,
        executor=prepared.executor,
        budget_usd=prepared.budget_usd,
        partial=prepared.partial,
    )
    keep(prepared.study, prepared.folder)
    write_report(prepared.folder, projected(prepared.scenario, prepared.folder))
    return Run(prepared.folder.path, summary)


def run(
    target: Target,
    *,
    data: str | PathLike[str] | None = None,
    train: str | None = None,
    model: str | PathLike[str] | None = None,
    methods: str | Sequence[str] | None = None,
    seeds: int | None = None,
    size: str | None = None,
    backend: str | None = None,
    shots: int | None = None,
    tuning_trials: int | None = None,
    settings: Chosen | None = None,
    out: str | PathLike[str] | None = None,
    executor: str = "serial",
    budget_usd: float | None = None,
    partial: bool = False,
    force: bool = False,
    listener: Listener | None = None,
) -> Run:
    """Run a study, a stage or a task, as `qwatt run` does; run it again to resume.

    Args:
        target: a study's file or tables, a stage such as "curation", or a task such as "curation/dedup".
        data: your own file or folder, or a built-in data set.
        train: your own training, "module:function" or "file.py:function", for architecture/search.
        model: the language model to work on, a name or your Hugging Face folder.
        methods: only these.
        seeds, size, backend, shots, tuning_trials: in place of the study's.
        settings: fixed settings, `{"method.setting": value}` or `{"setting": value}`.
        out: the run folder; by default `runs/NAME-DATA-MODEL-SIZE`, of what is given, as on the command line.
        executor: where trials run: "serial", "processes" or "ray", as of `--executor`.
        budget_usd: what jobs at a remote provider may cost together, in US dollars; the run stops before.
        partial: begin although the plan costs more than the budget.
        force: append to a folder that holds another study or other files.
        listener: is told of every trial that starts and ends.

    Returns:
        The run. Trials that failed do not raise; `Run.failed` has them.

    Raises:
        QwattError: something that you can mend; it says what, where and how.
    """
    options = {
        "data": data, "train": train, "model": model, "methods": methods, "seeds": seeds, "size": size,
        "backend": backend, "shots": shots, "tuning_trials": tuning_trials, "settings": settings,
    }  # fmt: skip
    return execute(prepare(target, options, out, force, executor, budget_usd, partial), listener or _silent)


def open_run(folder: str | PathLike[str]) -> Run:
    """Open a run folder without running anything.

    Raises:
        QwattError: the folder holds no run.
    """
    return Run(RunFolder.open(Path(folder)).path)


def _silent(event: str, spec: TrialSpec, trial: Trial | None) -> None:
    """Tell nobody."""
