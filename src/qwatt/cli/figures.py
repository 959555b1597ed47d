"""`--figures svg|png`: every figure of a report as a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from qwatt.cli.output import say
from qwatt.core.errors import QwattError

Figures = Annotated[
    str | None,
    typer.Option("--figures", metavar="KIND", help="Also write every figure as a file: svg or png."),
]


def figure_kind(figures: str | None, out: Path | None = None) -> str | None:
    """Return the kind of figures that is asked for, checked before anything is computed.

    Raises:
        QwattError: no such kind, its package is missing, or a folder is given for no figures.
    """
    from qwatt.report.gallery.files import check_kind

    if figures is not None:
        return check_kind(figures)
    if out is not None:
        raise QwattError("it is for figures, and none are asked for", where="--out", mend="add --figures svg")
    return None


def figures_record(paths: Sequence[Path]) -> dict[str, Any]:
    """Return the part of a verb's JSON that names the files; nothing where none were asked for."""
    return {"figures": [str(path) for path in paths]} if paths else {}


def say_figures(paths: Sequence[Path]) -> None:
    """Say where the figures are."""
    if paths:
        say(f"figures: {len(paths)} in {paths[0].parent}, shown by its index.html")
