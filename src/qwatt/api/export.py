"""Write a run for other programs, and for those who ask for its energy."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from qwatt.api.run import Run
from qwatt.core.run_folder import RunFolder


def export(
    run: str | PathLike[str] | Run,
    to: str,
    *,
    out: str | PathLike[str] | None = None,
    grid: str | None = None,
    pue: float | None = None,
) -> Path:
    """Write a run in another form, as `qwatt export` does, and return the path.

    Args:
        run: the run folder.
        to: "csv", "json", "mlflow", "hf-card", "sci" or "ai-act".
        out: the file, for mlflow the folder; else in the run's own `export/`.
        grid: where it was run, one of `qwatt list grids` or a two-letter code; else the world's mean.
        pue: facility over node energy; without it energies stay at the boundary that was measured.

    Raises:
        QwattError: no such form or grid, a folder without a run, or a place that cannot be written.
    """
    from qwatt.report.formats.site import Place
    from qwatt.report.formats.write import check_form, write_form

    form = check_form(to)
    folder = RunFolder.open(run.path if isinstance(run, Run) else Path(run))
    return write_form(folder, form, Place(grid, pue), None if out is None else Path(out))
