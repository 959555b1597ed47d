"""Verbs that are imported when they are asked for: `qwatt --help` reads their lines in this table alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Verb(NamedTuple):
    """Where a verb, or a group of them, lives.

    Args:
        home: module and name of the function or the typer application, such as "qwatt.cli.run:run".
        line: what `qwatt --help` says of it: as a test makes sure, the first line of its docstring.
        executes: whether it needs what a light install leaves out, and says so at once.
    """

    home: str
    line: str
    executes: bool = False

    def load(self, name: str) -> Any:
        """Return the command, imported, with the option of a user's own catalogue."""
        module, _, attribute = self.home.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(name)(_executing(name, found) if self.executes else found)
            found = alone
        command: Any = typer.main.get_command(found)
        command.name = name
        take_catalogue(command)
        return command


VERBS = {
    "run": Verb(
        "qwatt.cli.run:run",
        "Run a study, a stage or a task; run it again to resume. Writes report.html into the run folder.",
        executes=True,
    ),
    "plan": Verb(
        "qwatt.cli.plan:plan",
        "Print circuits, shots, QPU seconds, joules and money per catalogued QPU before anything runs.",
        executes=True,
    ),
    "predict": Verb(
        "qwatt.cli.predict:predict",
        "Label your data with an artifact, or with the best method's of a run; writes predictions.csv.",
        executes=True,
    ),
    "dedup": Verb(
        "qwatt.cli.dedup:dedup",
        "Write a corpus of any size without its near duplicates, each verified; a second call goes on.",
        executes=True,
    ),
    "watch": Verb(
        "qwatt.cli.watch:watch",
        "Compare standard input with a reference, window by window, for as long as it comes.",
        executes=True,
    ),
    "project": Verb(
        "qwatt.cli.project:project",
        "Rank what saves energy on your model, of every kind; writes report.html, projection.json and .csv.",
    ),
    "watch-list": Verb(
        "qwatt.cli.watch_list:watch_list",
        "Rank the quantum enhancements to watch, with their triggers and what moved since the last list.",
    ),
    "report": Verb(
        "qwatt.cli.report:report",
        "Compare a run's trials, project them onto a scenario; writes report.html and its data beside them.",
    ),
    "compare": Verb(
        "qwatt.cli.compare:compare",
        "Compare two runs: what changed, and by method whether quality and joules are worse, seed by seed.",
    ),
    "export": Verb(
        "qwatt.cli.export:export",
        "Write a run for other programs and for those who ask for its energy; every figure says its basis.",
    ),
    "show": Verb("qwatt.cli.show:show", "Show everything that is known about one thing, with its sources."),
    "train-lm": Verb(
        "qwatt.cli.train_lm:train_lm",
        "Train a small language model on your text; prints bits per character, joules, and the folder.",
        executes=True,
    ),
    "doctor": Verb(
        "qwatt.cli.doctor:doctor",
        "Say which energy readers work here, why the better ones do not, and the mend.",
    ),
    "runs": Verb("qwatt.cli.runs:runs_app", "List, compare, follow and clear away many run folders."),
    "estimate": Verb(
        "qwatt.cli.estimate:estimate_app",
        "Calculate energy, time, CO2e and money, with formula, intervals and sources.",
    ),
    "list": Verb(
        "qwatt.cli.list:list_app", "List tasks, methods, machines, models, grids, scenarios, claims."
    ),
    "data": Verb("qwatt.cli.data:data_app", "Fetch and list data sets and models."),
}
"""Every verb, in the order of the help."""


class Verbs(TyperGroup):
    """The group of all verbs; one is imported when it is asked for, none to list them.

    Its help is plain text: what draws boxes around a verb's takes longer to import than all the rest.
    """

    def __init__(self, **words: Any) -> None:
        super().__init__(**words | {"rich_markup_mode": None})
        for name, verb in VERBS.items():
            self.commands[name] = TyperCommand(name, help=verb.line)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Print the help where nothing is asked for."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help())
            raise typer.Exit(2)
        return super().parse_args(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one verb, imported, or None where there is none of the name."""
        return VERBS[cmd_name].load(cmd_name) if cmd_name in VERBS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write every verb with its line, none imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.line) for name, verb in VERBS.items()])


def take_catalogue(verb: Any) -> None:
    """Give every verb the option of a user's own catalogue."""
    from qwatt.cli.options import own_catalogue

    for inner in getattr(verb, "commands", {}).values():
        take_catalogue(inner)
    if not hasattr(verb, "commands"):
        verb.params.append(own_catalogue())


def _executing(name: str, verb: Callable[..., None]) -> Callable[..., None]:
    """Return a verb that says at once what a light install lacks for it."""

    @wraps(verb)
    def checked(*args: Any, **options: Any) -> None:
        from qwatt.core.extras import RUN, require

        require(RUN, f"`qwatt {name}`")
        verb(*args, **options)

    return checked
