"""Tables, figures and the self-contained HTML report of a run."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwatt.core.comparison import Comparison
    from qwatt.core.run_folder import RunFolder
    from qwatt.projection.project import Projection
    from qwatt.report.subject import Subject


def comparisons_of(folder: RunFolder) -> list[Comparison]:
    """Compare the trials of a run's study; trials of an earlier form of the study are left out."""
    study, trials = folder.path / "study.toml", folder.trials_file
    stamps = [
        (file.stat().st_mtime_ns, file.stat().st_size) if file.exists() else None for file in (study, trials)
    ]
    return list(_compared(folder.path, *stamps))


@lru_cache(maxsize=1)
def _compared(path: Path, *stamps: tuple[int, int] | None) -> list[Comparison]:
    """Compare once, however many tables are made of it; `stamps` are of the files as they are now."""
    if not (path / "trials.jsonl").is_file():
        return []
    from qwatt.core.comparison import compare_all
    from qwatt.core.registry import all_tasks
    from qwatt.core.run_folder import RunFolder
    from qwatt.core.study import load_study

    wanted = {spec.id for spec in load_study(path / "study.toml").possible_trials()}
    trials = [trial for trial in RunFolder(path).trials() if trial.spec.id in wanted]
    return compare_all(trials, {name: task() for name, task in all_tasks().items()})


def others_of(folder: RunFolder) -> list[str]:
    """Say which of a folder's trials a report leaves out, because its last study does not have them."""
    if not folder.trials_file.is_file():
        return []
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


def write_report(folder: RunFolder, projection: Projection | None = None) -> Path:
    """Write report.html, comparison.json and comparison.csv into a run folder; return the page's path.

    Args:
        folder: the run.
        projection: of what it measured onto a scenario; its files are written beside the page too.
    """
    from qwatt.report.exports import write_exports
    from qwatt.report.page import render

    write_exports(folder, comparisons_of(folder))
    if projection is not None:
        from qwatt.report.projection import write_data

        write_data(projection, folder.path)
    return folder.write_text("report.html", render(subject_of(folder, projection)))


def subject_of(folder: RunFolder, projection: Projection | None = None) -> Subject:
    """Return what the page of a run is about."""
    from qwatt.report.subject import Subject

    return Subject(folder.path.name, folder, comparisons_of(folder), others_of(folder), projection)
