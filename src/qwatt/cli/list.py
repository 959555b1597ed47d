"""`qwatt list`: what there is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from qwatt.cli import completion
from qwatt.cli.options import Json

list_app = typer.Typer(
    help="List tasks, methods, machines, models, grids, scenarios, claims.",
    no_args_is_help=True,
    add_completion=False,
)


TASK_HELP = "Only this task's methods."
TaskName = Annotated[
    str | None, typer.Argument(metavar="[TASK]", help=TASK_HELP, autocompletion=completion.tasks)
]


def _print(
    title: str, rows: list[dict[str, Any]], as_json: bool, columns: tuple[str, ...] | None = None
) -> None:
    """Print whole records as JSON, or the given columns (all of them if None) as a table."""
    from qwatt.cli.output import print_json, print_table

    if as_json:
        print_json(rows)
        return
    shown = columns or (tuple(rows[0]) if rows else ("nothing",))
    print_table(title, [c.replace("_", " ") for c in shown], [[_cell(row[c]) for c in shown] for row in rows])


def _cell(value: Any) -> Any:
    from qwatt.report.numbers import short

    if isinstance(value, list | tuple):
        return ", ".join(str(_cell(item)) for item in value)
    return short(value) if isinstance(value, float) else value


@list_app.command()
def tasks(as_json: Json = False) -> None:
    """List the tasks in the order of the stages."""
    from qwatt.cli.index import index

    _print("Tasks", index().tasks, as_json)


@list_app.command()
def methods(as_json: Json = False, task: TaskName = None) -> None:
    """List the methods by task; what has no scaling card is measured and not projected."""
    from qwatt.cli.index import index

    found = index()
    if task is not None and all(row["task"] != task for row in found.tasks):
        from qwatt.core.registry import get_task

        get_task(task)  # refuses one that does not exist
    _print("Methods", [row for row in found.methods if task in (None, row["task"])], as_json)


@list_app.command()
def qpus(as_json: Json = False) -> None:
    """List the catalogued QPUs with their power and prices."""
    from qwatt.energy.qpu import load_qpus, offers_for

    rows = []
    for qpu in load_qpus().values():
        record, offers = qpu.to_record(), offers_for(qpu.id)
        plain = ("id", "qubits", "modality", "model", "vendor", "program", "service", "date")
        rows.append(
            {name: record[name] for name in plain}
            | {"kw": qpu.power.to("kW").value, "power": record["power"]}
            | {"price": offers[0].text() if offers else "none public"}
            | {"offers": [offer.to_record() for offer in offers]}
        )
    _print("QPUs", rows, as_json, ("id", "qubits", "modality", "vendor", "service", "kw", "price"))


@list_app.command()
def datasets(as_json: Json = False) -> None:
    """List the data sets and models that can be fetched."""
    from qwatt.data import is_fetched, list_datasets

    rows = [
        {
            "name": d.name,
            "kind": d.kind,
            "cached": is_fetched(d.name),
            "title": d.title,
            "package": f"{d.archive.package} {d.archive.version}",
            "licence": d.licence,
        }
        for d in list_datasets()
    ]
    _print("Data sets and models", rows, as_json)


@list_app.command()
def backends(as_json: Json = False) -> None:
    """List the backends."""
    from qwatt.cli.index import index

    _print("Backends", index().backends, as_json)


@list_app.command()
def accelerators(as_json: Json = False) -> None:
    """List the catalogued accelerators."""
    from qwatt.projection.catalogued.accelerators import all_accelerators

    records = [chip.to_record() for chip in all_accelerators().values()]
    _print("Accelerators", records, as_json, ("id", "name", "memory_gb", "tdp_w", "formats"))


@list_app.command()
def grids(as_json: Json = False) -> None:
    """List the catalogued grids; the intervals are low, value, high."""
    from qwatt.projection.catalogued.grids import all_grids

    records = [grid.to_record() for grid in all_grids().values()]
    _print("Grids", records, as_json, ("id", "name", "year", "gco2e_per_kwh", "usd_per_kwh"))


@list_app.command()
def models(as_json: Json = False) -> None:
    """List the catalogued language models."""
    from qwatt.projection.catalogued.models import all_models

    records = [model.to_record() for model in all_models().values()]
    _print("Language models", records, as_json, ("id", "name", "params", "active", "tokens", "trained_on"))


@list_app.command()
def scenarios(as_json: Json = False) -> None:
    """List the scenarios that `qwatt project` finds by name."""
    from qwatt.projection.scenario.file import all_scenarios

    records = [scenario.to_record() for scenario in all_scenarios().values()]
    columns = ("id", "name", "model", "requests_per_day", "years", "grid")
    _print("Scenarios", records, as_json, columns)


@list_app.command()
def cards(as_json: Json = False) -> None:
    """List the scaling cards: every enhancement and baseline that is projected."""
    from qwatt.projection.scaling import all_cards
    from qwatt.projection.scaling.card import NOT_BUILT

    records = [
        {
            "id": card.id,
            "kind": card.kind,
            "built": "yes" if card.built else NOT_BUILT,
            "name": card.name,
            "article": card.article,
            "source": card.source,
        }
        for card in all_cards().values()
    ]
    columns = ("id", "kind", "built", "name")
    _print("Scaling cards (`qwatt show ID` prints the formulas)", records, as_json, columns)


@list_app.command()
def claims(as_json: Json = False) -> None:
    """List the claims of the article and the works it cites that `qwatt project` audits."""
    from qwatt.projection.verdicts.claims import all_claims

    _print("Claims", all_claims(), as_json, ("id", "kind", "text", "source"))
