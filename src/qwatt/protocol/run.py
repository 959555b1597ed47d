"""Run a study: every trial that its folder does not hold yet."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qwatt.core.executors import open_executor
from qwatt.core.run_folder import RunFolder
from qwatt.core.study import Study
from qwatt.core.trial import Trial, TrialSpec
from qwatt.protocol.artifacts import best_artifact, of_first_entry
from qwatt.protocol.billing import Book, check_backend, is_billed
from qwatt.protocol.check import check_trials
from qwatt.protocol.environment import describe_environment, other_versions
from qwatt.protocol.fingerprint import check_sources
from qwatt.protocol.host import stated_power
from qwatt.protocol.node import Node
from qwatt.protocol.refused import leaving_nothing
from qwatt.protocol.remaining import Remaining
from qwatt.protocol.worker import Forecast, Listener, Outfit, Worker, work

if TYPE_CHECKING:
    from qwatt.energy.meter import Meter


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
        notes: what the user should know of this call: another version, trials that ran again.
        artifacts: by task, the first artifact of its best method, on the task's first source.
    """

    folder: Path
    trials: int = 0
    failed: list[Trial] = field(default_factory=list)
    skipped: int = 0
    seconds: float = 0.0
    repaired: bool = False
    remarks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    artifacts: dict[str, Path] = field(default_factory=dict)


def run_study(
    study: Study,
    study_text: str,
    folder: RunFolder,
    listener: Listener,
    meter: Meter | None = None,
    forecast: Forecast | None = None,
    executor: str = "serial",
    budget_usd: float | None = None,
    partial: bool = False,
) -> RunSummary:
    """Run what is missing. Failed trials are tried again; finished ones are skipped.

    Args:
        study: the checked study.
        study_text: its TOML, kept in the folder.
        folder: where records go.
        listener: is told of progress.
        meter: reads energy where trials run in this process; by default the best rung of the machine.
        forecast: is told what trials may take, as far as that is known.
        executor: where trials run: "serial" is this process, "processes" or "ray" spread them. What they find
            is the same.
        budget_usd: what jobs at a remote provider may cost, with those of earlier calls; None for no limit.
        partial: whether to begin although the plan costs more than the budget.

    Raises:
        BudgetError: the next job could exceed the budget; what was done is kept.
        QwattError: data cannot be loaded, it changed since the run began, another run is writing into the
            folder, or a backend or name does not exist.
    """
    start = time.perf_counter()
    with leaving_nothing(folder), folder.locked(), stated_power(study.host):
        summary = RunSummary(folder.path, repaired=folder.repair())
        specs = study.trials()
        done = {name for name, trial in folder.by_id().items() if trial.done}
        todo = [] if study.certain_ids <= done else [spec for spec in specs if spec.id not in done]
        check_trials(todo, specs)
        check_backend(study.backend, budget_usd)
        environment, facts = describe_environment()
        summary.notes += other_versions(folder, facts)
        folder.add_environment(environment, facts)  # first: from now on the folder is known as a run's
        given = [(spec.source, dict(spec.fixed).get("model")) for spec in study.makers]
        check_sources(folder, dict.fromkeys(str(name) for names in given for name in names if name))
        folder.write_text("study.toml", study_text)
        book = Book(folder.path, budget_usd, partial) if is_billed(study.backend) else None
        if book is not None:
            book.check(study, todo)
        with open_executor(executor, Outfit.of_this_process()) as where:
            do = work if where.spreads else Worker(Node(waits=False), meter, listener, forecast)
            remaining = Remaining(study, folder, listener, book)
            summary.skipped = remaining.run(where, do)
            summary.notes += remaining.notes
    _sum_up(summary, list(study.of_these(folder.by_id()).values()), study.makers)
    summary.seconds = time.perf_counter() - start
    return summary


def _sum_up(summary: RunSummary, ended: list[Trial], specs: list[TrialSpec]) -> None:
    done = [t for t in ended if t.done]
    summary.trials = len(done)
    summary.failed = [t for t in ended if not t.done]
    if beside := sum(t.node.get("alone") is False for t in done):
        summary.notes.append(
            f"{beside} of {len(done)} trials ran while another run was measured on this machine: "
            "their seconds and joules may be too high"
        )
    summary.remarks = list(dict.fromkeys(text for t in ended for text in t.data))
    for task in dict.fromkeys(t.spec.task for t in done):
        artifact = best_artifact(task, of_first_entry(task, done, specs))
        if artifact is not None:
            summary.artifacts[task] = summary.folder / artifact
