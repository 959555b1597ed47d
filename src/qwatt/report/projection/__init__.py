"""The projection in tables, pictures and one self-contained page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qwatt.core.durable import cannot
from qwatt.core.errors import QwattError
from qwatt.core.run_folder import holds_records
from qwatt.core.tidied import write_tidied

if TYPE_CHECKING:
    from qwatt.projection.project import Projection


def write_projection_report(projection: Projection, folder: Path) -> Path:
    """Write report.html, projection.json, projection.csv and life_cycle.csv; return the page's path.

    Args:
        projection: what `qwatt.projection.project.project` returned.
        folder: where to write; made when missing.

    Raises:
        QwattError: the folder is a file or a run's own, or cannot be written.
    """
    from qwatt.report.page import render
    from qwatt.report.subject import Subject

    make_folder(folder)
    write_data(projection, folder)
    page = render(Subject(projection.scenario.name, projection=projection))
    return write_tidied(folder / "report.html", page)


def write_data(projection: Projection, folder: Path) -> None:
    """Write projection.json, projection.csv, levers.csv and life_cycle.csv into a folder that is there.

    Raises:
        QwattError: it cannot be written.
    """
    from qwatt.report.projection.exports import write_exports

    write_exports(projection.to_record(), folder)


def make_folder(folder: Path) -> None:
    """Make the folder of a projection's report where it is missing.

    Raises:
        QwattError: it is a file or holds a run, whose own page would be lost, or it cannot be made.
    """
    if holds_records(folder):
        what = "this folder holds a run, whose report would be replaced"
        mend = f"`qwatt report {folder} --scenario NAME` shows both on one page; or give another --out"
        raise QwattError(what, where=str(folder), mend=mend)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot("be written", folder, error, "give another folder by --out") from error
