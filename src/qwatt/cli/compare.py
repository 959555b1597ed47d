"""`qwatt compare`: what changed between two runs, and whether the second is worse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qwatt.cli.options import Json
from qwatt.cli.output import print_json

First = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")]
Second = Annotated[Path, typer.Argument(metavar="RUN", help="The run folder that is judged against it.")]


def compare(first: First, second: Second, as_json: Json = False) -> None:
    """Compare two runs: what changed, and by method whether quality and joules are worse, seed by seed."""
    from qwatt.api.compare import compare as compute
    from qwatt.report.two_runs.terminal import print_two_runs

    result = compute(first, second)
    if as_json:
        print_json(result.to_dict())
    else:
        print_two_runs(result.found)
