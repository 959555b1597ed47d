"""The projection in tables, pictures and one self-contained page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qwatt.projection.project import Projection


def write_projection_report(projection: Projection, folder: Path) -> Path:
    """Write report.html, projection.json, projection.csv and life_cycle.csv; return the page's path.

    Args:
        projection: what `qwatt.projection.project.project` returned.
        folder: where to write; made when missing.

    Raises:
        QwattError: the folder is a file, or cannot be written.
    """
    from qwatt.core.errors import QwattError
    from qwatt.report.projection.compose import compose
    from qwatt.report.projection.exports import write_exports
    from qwatt.report.projection.page import render

    page = render(compose(projection))
    path = folder / "report.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_exports(projection.to_record(), folder)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        mend = "give another folder by --out"
        raise QwattError(f"cannot be written: {error.strerror}", where=str(folder), mend=mend) from error
    return path
