"""`qwatt run`: execute a study and write its report."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from qwatt.cli.options import (
    BackendSpec,
    Budget,
    Data,
    DryRun,
    ExecutorSpec,
    Force,
    Json,
    Methods,
    Model,
    Out,
    Partial,
    Seeds,
    Set,
    Shots,
    Size,
    Target,
    Train,
    Tuning,
)
from qwatt.cli.output import print_json, say
from qwatt.core.printable import first_line

if TYPE_CHECKING:
    from qwatt.api.run import Prepared, Run


def run(
    target: Target = None,
    data: Data = None,
    train: Train = None,
    model: Model = None,
    method: Methods = None,
    seeds: Seeds = None,
    size: Size = None,
    backend: BackendSpec = None,
    shots: Shots = None,
    tuning_trials: Tuning = None,
    fixed: Set = None,
    out: Out = None,
    executor: ExecutorSpec = "serial",
    budget: Budget = None,
    partial: Partial = False,
    dry_run: DryRun = False,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Run a study, a stage or a task; run it again to resume. Writes report.html into the run folder."""
    from qwatt.cli.named import named

    what = named(target)
    options = {
        "data": data, "train": train, "model": model, "methods": method, "seeds": seeds, "size": size,
        "backend": backend, "shots": shots, "tuning_trials": tuning_trials, "settings": fixed,
    }  # fmt: skip
    if dry_run:
        _bills(what, options, executor, budget, as_json)
        return
    found = _executed(_prepared(what, options, out, force, executor, budget, partial), as_json)
    if as_json:
        print_json(found.to_dict())
    else:
        _print(found.summary, found.report)
    if found.summary is not None and found.summary.failed:
        raise typer.Exit(1)


def _bills(target: str, options: Mapping[str, Any], executor: str, budget: str | None, as_json: bool) -> None:
    """Show what a run would cost, and refuse what the run itself would refuse."""
    from qwatt.cli.budget import read_budget, show_bills
    from qwatt.core.executors.open import check_executor

    check_executor(executor)
    show_bills(target, options, read_budget(budget), as_json)


def _prepared(
    target: str,
    options: Mapping[str, Any],
    out: Path | None,
    force: bool,
    executor: str,
    budget: str | None,
    partial: bool,
) -> Prepared:
    """Check what is asked for; says that it does, as imports alone may take a second."""
    from qwatt.cli.budget import read_budget
    from qwatt.cli.waiting import waiting

    with waiting(f"preparing {target}"):
        from qwatt.api.run import prepare

        return prepare(target, options, out, force, executor, read_budget(budget), partial)


def _executed(prepared: Prepared, as_json: bool) -> Run:
    """Run what is missing and show how far it is."""
    from qwatt.api.run import execute
    from qwatt.cli.beginning import beginning
    from qwatt.cli.progress import StudyProgress
    from qwatt.core.progress import listening

    opening = beginning(prepared)
    shown = StudyProgress(prepared.specs, prepared.done, as_json, spread=prepared.spread, opening=opening)
    try:
        with shown as progress, listening(progress.advance):
            return execute(prepared, progress, progress.expect)
    except KeyboardInterrupt:
        say("\ninterrupted; run the same command again to go on where it stopped", to_stderr=True)
        raise typer.Exit(130) from None
    except SystemExit as error:
        what = f"a trial ended the process: exit({error.code}); what was done before it is kept"
        say(f"\n{what}", to_stderr=True)
        raise


def _print(summary: Any, report: Any) -> None:
    from qwatt.core.headline import counted
    from qwatt.core.run_folder import RunFolder
    from qwatt.report import comparisons_of, others_of
    from qwatt.report.result import results_of
    from qwatt.report.terminal import print_comparisons
    from qwatt.report.terminal_results import print_results

    comparisons = comparisons_of(RunFolder(summary.folder))
    print_results(results_of(comparisons, f"{summary.folder}{os.sep}"))
    print_comparisons(summary.folder)
    if summary.repaired:
        say("a torn last line of an earlier run was put aside in trials.torn")
    for text in others_of(RunFolder(summary.folder)):
        say(f"not shown: {text}")
    for note in summary.notes:
        say(f"note: {note}")
    for remark in summary.remarks:
        say(f"read {remark}")
    for trial in summary.failed:
        say(f"failed: {trial.spec.task} {trial.spec.method} seed {trial.spec.seed}: {_why(trial.error)}")
    count = f"{counted(summary.trials, 'trial')} done ({summary.skipped} from before)"
    say(f"{count}, {len(summary.failed)} failed, {summary.seconds:.0f} s")
    say(f"report: {report}\nrun folder: {summary.folder}")


def _why(error: str | None) -> str:
    """Return the first line of an error, and the first of its mend where it has one."""
    what, _, mend = (error or "").removeprefix("QwattError: ").partition("\n  mend: ")
    return first_line(what) + (f"\n  mend: {first_line(mend)}" if mend else "")
