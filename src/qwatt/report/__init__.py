"""Tables, figures and the self-contained HTML report of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwatt.core.comparison import Comparison
    from qwatt.core.run_folder import RunFolder
    from qwatt.projection.project import Projection
    from qwatt.report.subject import Subject


def comparisons_of(folder: RunFolder) -> list[Comparison]:
    """Compare the trials of a run's study; trials of an earlier form of the study are left out."""
    from qwatt.report.of_study import of_study

    return of_study(folder).comparisons


def others_of(folder: RunFolder) -> list[str]:
    """Say which of a folder's trials a report leaves out, because its last study does not have them."""
    from qwatt.report.of_study import of_study

    return of_study(folder).others


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
