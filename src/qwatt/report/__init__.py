"""Tables, figures and the self-contained HTML report of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwatt.core.comparison import Comparison
    from qwatt.core.run_folder import RunFolder


def comparisons_of(folder: RunFolder) -> list[Comparison]:
    """Compare the trials of a run's study; trials of an earlier form of the study are left out."""
    from qwatt.core.comparison import compare_all
    from qwatt.core.registry import all_tasks
    from qwatt.core.study import load_study

    wanted = {spec.id for spec in load_study(folder.path / "study.toml").possible_trials()}
    trials = [trial for trial in folder.trials() if trial.spec.id in wanted]
    return compare_all(trials, {name: task() for name, task in all_tasks().items()})


def others_of(folder: RunFolder) -> list[str]:
    """Say which of a folder's trials a report leaves out, because its last study does not have them."""
    from collections import Counter

    from qwatt.core.headline import counted
    from qwatt.core.study import load_study

    wanted = {spec.id for spec in load_study(folder.path / "study.toml").possible_trials()}
    specs = [trial.spec for trial in folder.trials() if trial.spec.id not in wanted]
    pieces = Counter((spec.task, spec.source, spec.size) for spec in specs)
    return [
        f"{counted(count, 'trial')} of {task} on {source}, size {size}: of another study or settings, "
        "kept in trials.jsonl"
        for (task, source, size), count in pieces.items()
    ]


def write_report(folder: RunFolder) -> Path:
    """Write report.html, comparison.json and comparison.csv into a run folder; return the page's path."""
    from qwatt.report.exports import write_exports
    from qwatt.report.gallery.of_run import run_figures
    from qwatt.report.gallery.saving import with_links
    from qwatt.report.page import render

    comparisons = comparisons_of(folder)
    write_exports(folder, comparisons)
    page = render(folder, comparisons, others_of(folder))
    return folder.write_text("report.html", with_links(page, run_figures(folder, comparisons)))
