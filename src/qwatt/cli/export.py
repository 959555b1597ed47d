"""`qwatt export`: a run as CSV, JSON, MLflow store, model card, SCI, or AI Act paragraph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qwatt.cli.options import Json
from qwatt.cli.output import print_json, say

Form = Annotated[str, typer.Option("--to", metavar="FORM", help="csv, json, mlflow, hf-card, sci or ai-act.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="File, for mlflow a folder, in place of one of that name; else in the run's own export/.",
    ),
]
Grid = Annotated[
    str | None,
    typer.Option("--grid", help="Where it was run: `qwatt list grids`, or a code; else the world's mean."),
]
Pue = Annotated[
    str | None, typer.Option("--pue", metavar="N", help="Facility over node energy, else left out.")
]


def export(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    to: Form,
    out: Out = None,
    grid: Grid = None,
    pue: Pue = None,
    as_json: Json = False,
) -> None:
    """Write a run for other programs and for those who ask for its energy; every figure says its basis."""
    from qwatt.api.export import export as write
    from qwatt.cli.estimate.numbers import maybe

    path = write(folder, to, out=out, grid=grid, pue=maybe("pue", pue))
    if as_json:
        print_json({"run": str(folder), "form": to, "path": str(path)})
    else:
        say(str(path))
