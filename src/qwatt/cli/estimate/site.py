"""The options of the place where the work is done, given to every calculator's verb by one decorator."""

# Annotations are evaluated here (no `from __future__`), because typer reads them off the new signature.
import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

Verb = Callable[..., None]

Pue = Annotated[
    str | None, typer.Option("--pue", metavar="N|L,V,H", help="Facility over node energy, 1 to 3.")
]
GridName = Annotated[str, typer.Option("--grid", help="A grid of `qwatt list grids`, or a two-letter code.")]
Carbon = Annotated[
    str | None,
    typer.Option("--kg-per-kwh", metavar="N|L,V,H", help="kgCO2e per kWh, in place of the grid's."),
]
Price = Annotated[
    str | None, typer.Option("--usd-per-kwh", metavar="N|L,V,H", help="USD per kWh, in place of the grid's.")
]
Rent = Annotated[
    str | None,
    typer.Option("--usd-per-gpu-hour", metavar="N|L,V,H", help="Rent, in place of the catalogue's."),
]
Node = Annotated[
    str | None, typer.Option("--k-node", metavar="N|L,V,H", help="Node over accelerator energy, 1 to 5.")
]
OPTIONS: dict[str, Any] = {
    "pue": Pue,
    "grid": GridName,
    "kg_per_kwh": Carbon,
    "usd_per_kwh": Price,
    "usd_per_gpu_hour": Rent,
    "k_node": Node,
}


def sited(verb: Verb) -> Verb:
    """Replace a verb's argument `place` by the options of a site; what is left out is the catalogue's."""

    @functools.wraps(verb)
    def with_options(**given: Any) -> None:
        site = {name: given.pop(name) for name in OPTIONS}
        verb(**given, place=_place(site))

    signature = inspect.signature(verb)
    own = [parameter for name, parameter in signature.parameters.items() if name != "place"]
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default="world" if name == "grid" else None,
            annotation=annotation,
        )
        for name, annotation in OPTIONS.items()
    ]
    with_options.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in [*own, *added]}
    return with_options


def _place(given: dict[str, Any]) -> Any:
    from qwatt.cli.estimate.numbers import interval
    from qwatt.projection.calculators.chain import site

    name = given.pop("grid")
    return site(grid_name=name, **{field: interval(field, text) for field, text in given.items()})
