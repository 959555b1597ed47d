"""The `qwatt` command: registers the verbs and turns errors into messages."""

from __future__ import annotations

import json
import sys
from errno import ENOSPC
from typing import Annotated, Any

import typer

from qwatt.cli.edge import edge
from qwatt.cli.output import say
from qwatt.cli.verbs import Verbs
from qwatt.core.errors import MissingExtraError, QwattError

app = typer.Typer(
    name="qwatt",
    cls=Verbs,
    help="Where would a quantum computer make a language model cheaper in energy, when, and where not?",
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


def command() -> Any:
    """Return the command line; a verb is imported when it is asked for."""
    return typer.main.get_command(app)


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
        from qwatt.data.names import shown

        place = shown(str(error.filename)) if error.filename else None
        mend = "make room there" if error.errno == ENOSPC else "let it be read and written, or name another"
        _tell(QwattError(error.strerror or str(error), where=place, mend=mend))
    except _CommandLineError as error:
        _tell_usage(error)
    finally:
        _warn_of_plugins()
    sys.exit(2)


def _tell_missing(error: ModuleNotFoundError) -> None:
    """Name the extra that brings what could not be imported; anything else is a fault of ours."""
    from qwatt.core.extras import RUN, brings

    if not brings(RUN, error.name):
        raise error
    _tell(MissingExtraError("this", RUN, [str(error.name)]))


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
