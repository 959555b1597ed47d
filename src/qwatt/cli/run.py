"""`qwatt run`: execute a study and write its report."""

from __future__ import annotations

import os
from typing import Any

import typer

from qwatt.cli.options import (
    BackendSpec,
    Data,
    Force,
    Json,
    Methods,
    Model,
    Out,
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


def run(
    target: Target = "studies/default.toml",
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
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Run a study, a stage or a task; run it again to resume. Writes report.html into the run folder."""
    from qwatt.cli.progress import StudyProgress
    from qwatt.cli.summary import summarise
    from qwatt.cli.target import Overrides, resolve
    from qwatt.core.progress import listening
    from qwatt.core.run_folder import RunFolder
    from qwatt.protocol.belonging import check_folder
    from qwatt.protocol.run import run_study
    from qwatt.report import write_report

    overrides = Overrides(data, train, method, seeds, size, backend, shots, tuning_trials, fixed, model)
    study, text, default_out = resolve(target, overrides)
    path = out or default_out
    if not force:
        check_folder(path, study)
    folder = RunFolder(path)
    specs = study.trials()
    ids = {spec.id for spec in specs}
    done = [trial for trial in folder.trials() if trial.done and trial.spec.id in ids]
    try:
        with StudyProgress(specs, done, quiet=as_json) as progress, listening(progress.advance):
            summary = run_study(study, text, folder, progress, forecast=progress.expect)
    except KeyboardInterrupt:
        say("\ninterrupted; run the same command again to go on where it stopped", to_stderr=True)
        raise typer.Exit(130) from None
    except SystemExit as error:
        what = f"a trial ended the process: exit({error.code}); what was done before it is kept"
        say(f"\n{what}", to_stderr=True)
        raise
    report = write_report(folder)
    if as_json:
        _print_json(summary, summarise(folder))
    else:
        _print(summary, report)
    if summary.failed:
        raise typer.Exit(1)


def _print_json(summary: Any, tasks: dict[str, Any]) -> None:
    failed = [
        {"task": t.spec.task, "method": t.spec.method, "seed": t.spec.seed, "error": t.error}
        for t in summary.failed
    ]
    print_json(
        {
            "run": str(summary.folder),
            "trials": summary.trials + len(failed),
            "done": summary.trials,
            "failed": len(failed),
            "seconds": round(summary.seconds, 3),
            "skipped": summary.skipped,
            "repaired": summary.repaired,
            "remarks": summary.remarks,
            "artifacts": {task: str(file) for task, file in summary.artifacts.items()},
            "errors": failed,
            "summary": tasks,
        }
    )


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
