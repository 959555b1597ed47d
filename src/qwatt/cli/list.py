"""`qwatt list`: what there is."""

from __future__ import annotations

from typing import Any

import typer

from qwatt.cli.options import Json

list_app = typer.Typer(help="List tasks, methods, QPUs, data sets, backends.", no_args_is_help=True)


def _print(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    from qwatt.cli.output import print_json, print_table

    if as_json:
        print_json(rows)
        return
    columns = list(rows[0]) if rows else ["nothing"]
    print_table(title, columns, [[_cell(row[c]) for c in columns] for row in rows])


def _cell(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


@list_app.command()
def tasks(as_json: Json = False) -> None:
    """List the tasks in the order of the stages."""
    from qwatt.core.registry import all_tasks

    rows = [
        {"task": name, "metric": t.metric, "functional_unit": t.functional_unit, "source": t.default_source}
        for name, t in all_tasks().items()
    ]
    _print("Tasks", rows, as_json)


@list_app.command()
def methods(as_json: Json = False) -> None:
    """List the methods by task."""
    from qwatt.core.registry import all_methods

    rows = [
        {"task": m.task, "name": m.name, "kind": m.kind.value, "sources": list(m.sources)}
        for m in all_methods()
    ]
    _print("Methods", rows, as_json)


@list_app.command()
def qpus(as_json: Json = False) -> None:
    """List the catalogued QPUs."""
    from qwatt.energy.qpu import load_qpus

    columns = ("id", "vendor", "model", "modality", "program", "service", "qubits", "date")
    records = [qpu.to_record() for qpu in load_qpus().values()]
    _print("QPUs", [{name: record[name] for name in columns} for record in records], as_json)


@list_app.command()
def datasets(as_json: Json = False) -> None:
    """List the data sets and models that can be fetched."""
    from qwatt.data import is_fetched, list_datasets

    rows = [
        {
            "name": d.name,
            "kind": d.kind,
            "title": d.title,
            "licence": d.licence,
            "package": f"{d.archive.package} {d.archive.version}",
            "cached": is_fetched(d.name),
        }
        for d in list_datasets()
    ]
    _print("Data sets and models", rows, as_json)


@list_app.command()
def backends(as_json: Json = False) -> None:
    """List the backends."""
    from qwatt.core.registry import all_backends

    _print("Backends", [{"name": name} for name in all_backends()], as_json)
