"""The `qwatt` command: registers the verbs and turns errors into messages."""

from __future__ import annotations

import io
import json
import sys
from typing import Annotated

import typer

from qwatt.cli.data import data_app
from qwatt.cli.doctor import doctor
from qwatt.cli.estimate import estimate_app
from qwatt.cli.list import list_app
from qwatt.cli.plan import plan
from qwatt.cli.project import project
from qwatt.cli.report import report
from qwatt.cli.run import run as run_verb
from qwatt.cli.show import show
from qwatt.core.errors import QwattError

app = typer.Typer(
    name="qwatt",
    help="Where would a quantum computer make a language model cheaper in energy, when, and where not?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"qwatt {version('qwatt')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that come before a verb."""


app.command()(run_verb)
app.command()(plan)
app.command()(project)
app.command()(report)
app.add_typer(estimate_app, name="estimate")
app.add_typer(list_app, name="list")
app.command()(show)
app.command()(doctor)
app.add_typer(data_app, name="data")


def run() -> None:
    """Run the command line; a mendable error ends with code 2 and no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no µ shows a question mark
    try:
        app()
    except QwattError as error:
        _tell(error)
        sys.exit(2)
    except OSError as error:
        _tell(QwattError(f"{error.strerror or error}", where=error.filename and str(error.filename)))
        sys.exit(2)


def _tell(error: QwattError) -> None:
    if "--json" in sys.argv:
        record = {"what": error.what, "where": error.where, "mend": error.mend}
        sys.stdout.write(json.dumps({"error": record}) + "\n")
    else:
        sys.stderr.write(f"error: {error}\n")
