"""The `qwatt` command: registers the verbs and turns errors into messages."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from errno import ENOSPC
from functools import wraps
from typing import Annotated, Any

import typer

from qwatt.cli.compare import compare
from qwatt.cli.data import data_app
from qwatt.cli.dedup import dedup
from qwatt.cli.doctor import doctor
from qwatt.cli.edge import edge
from qwatt.cli.export import export
from qwatt.cli.later import later, take_catalogue
from qwatt.cli.list import list_app
from qwatt.cli.output import say
from qwatt.cli.plan import plan
from qwatt.cli.predict import predict
from qwatt.cli.project import project
from qwatt.cli.report import report
from qwatt.cli.run import run as run_verb
from qwatt.cli.runs import runs_app
from qwatt.cli.show import show
from qwatt.cli.train_lm import train_lm
from qwatt.cli.watch import watch
from qwatt.cli.watch_list import watch_list
from qwatt.core.errors import QwattError

ESTIMATE_HELP = "Calculate energy, time, CO2e and money, with formula, intervals and sources."

app = typer.Typer(
    name="qwatt",
    help="Where would a quantum computer make a language model cheaper in energy, when, and where not?",
    no_args_is_help=True,
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


def _executing(verb: Callable[..., None]) -> Callable[..., None]:
    """Return a verb that says at once what a light install lacks for it."""

    @wraps(verb)
    def checked(*args: Any, **options: Any) -> None:
        from qwatt.core.extras import RUN, require

        require(RUN, f"`qwatt {verb.__name__.replace('_', '-')}`")
        verb(*args, **options)

    return checked


app.command()(_executing(run_verb))
app.command()(_executing(plan))
app.command()(_executing(predict))
app.command()(_executing(dedup))
app.command()(_executing(watch))
app.command()(project)
app.command("watch-list")(watch_list)
app.command()(report)
app.command()(compare)
app.command()(export)
app.add_typer(runs_app, name="runs")
app.add_typer(later("qwatt.cli.estimate", "estimate_app", ESTIMATE_HELP), name="estimate")
app.add_typer(list_app, name="list")
app.command()(show)
app.command("train-lm")(_executing(train_lm))
app.command()(doctor)
app.add_typer(data_app, name="data")


def command() -> Any:
    """Return the command line, every verb with the option of a user's own catalogue."""
    whole = typer.main.get_command(app)
    take_catalogue(whole)
    return whole


_CommandLineError: type[Exception] = typer.BadParameter.__mro__[2]
"""What typer raises for a wrong command line; it exports only their subclass."""


def run() -> None:
    """Run the command line; a mendable error ends with code 2 and no traceback."""
    with edge():
        _run()


def _run() -> None:
    try:
        sys.exit(command()(prog_name="qwatt", standalone_mode=False))
    except QwattError as error:
        _tell(error)
    except ModuleNotFoundError as error:
        _tell_missing(error)
    except OSError as error:
        place = str(error.filename) if error.filename else None
        mend = "make room there" if error.errno == ENOSPC else "let it be read and written, or name another"
        _tell(QwattError(error.strerror or str(error), where=place, mend=mend))
    except _CommandLineError as error:
        _tell_usage(error)
    finally:
        _warn_of_plugins()
    sys.exit(2)


def _tell_missing(error: ModuleNotFoundError) -> None:
    """Name the extra that brings what could not be imported; anything else is a fault of ours."""
    from qwatt.core.extras import RUN, brings, left_out

    if not brings(RUN, error.name):
        raise error
    _tell(left_out("this", [str(error.name)], RUN))


def _warn_of_plugins() -> None:
    """Name the plugins that could not be loaded, where the verb looked for any."""
    if "qwatt.core.registry" not in sys.modules:
        return
    from qwatt.core.registry import broken_plugins, is_loaded

    for error in broken_plugins() if is_loaded() else ():
        say(f"warning: {error}", to_stderr=True)


def _tell_usage(error: Any) -> None:
    """Tell what is wrong with the command line; where nothing was given, the help was printed already."""
    what = error.format_message()
    if what:
        verb = error.ctx.command_path if getattr(error, "ctx", None) else "qwatt"
        _tell(QwattError(what, where="command line", mend=f"`{verb} --help` shows what it takes"))


def _tell(error: QwattError) -> None:
    if "--json" in sys.argv:
        record = {"what": error.what, "where": error.where, "mend": error.mend}
        sys.stdout.write(json.dumps({"error": record}) + "\n")
    else:
        say(f"error: {error}", to_stderr=True)
