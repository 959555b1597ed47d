"""Groups of verbs that are imported when one of them is asked for, so that `qwatt --help` stays quick."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup

from qwatt.cli.options import own_catalogue


class LaterGroup(TyperGroup):
    """A group whose verbs are those of a typer application elsewhere."""

    home: ClassVar[tuple[str, str]]
    """Module and name of the application."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the verbs, in the application's order."""
        self._fill()
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return one verb, or None where there is none of the name."""
        self._fill()
        return super().get_command(ctx, cmd_name)

    def _fill(self) -> None:
        if not self.commands:
            module, name = self.home
            group: Any = typer.main.get_command(getattr(import_module(module), name))
            self.commands.update(group.commands)
            take_catalogue(self)


def later(module: str, name: str, help_text: str) -> typer.Typer:
    """Return an application that stands for one elsewhere until a verb of it is asked for."""
    group = type("Later", (LaterGroup,), {"home": (module, name)})
    return typer.Typer(cls=group, help=help_text, no_args_is_help=True)


def take_catalogue(verb: Any) -> None:
    """Give every verb the option of a user's own catalogue."""
    for inner in getattr(verb, "commands", {}).values():
        take_catalogue(inner)
    if not hasattr(verb, "commands"):
        verb.params.append(own_catalogue())
