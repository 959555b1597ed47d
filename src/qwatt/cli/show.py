"""`qwatt show`: one task, method, QPU or data set in full."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from qwatt.cli.options import Json


def show(
    name: Annotated[
        str, typer.Argument(help="A task, a method (also stage/task/name), a QPU or a data set.")
    ],
    as_json: Json = False,
) -> None:
    """Show everything that is known about one thing, with its sources."""
    from qwatt.cli.output import print_json

    record = find(name)
    if as_json:
        print_json(record)
    else:
        _print(record)


def find(name: str) -> dict[str, Any]:
    """Return the record of the named thing.

    Raises:
        QwattError: nothing has that name; names the nearest.
    """
    from qwatt.core.errors import unknown_name

    tables: dict[str, dict[str, Callable[[], dict[str, Any]]]] = {
        "task": _tasks(),
        "method": _methods(),
        "QPU": _qpus(),
        "data set": _datasets(),
    }
    for table in tables.values():
        if name in table:
            return table[name]()
    raise unknown_name("name", name, [known for table in tables.values() for known in table])


def _tasks() -> dict[str, Callable[[], dict[str, Any]]]:
    from qwatt.core.registry import all_methods, all_tasks

    def record(cls: Any) -> dict[str, Any]:
        fields = ("name", "functional_unit", "metric", "higher_is_better", "margin", "sizes")
        return (
            {"what": "task"}
            | {field: getattr(cls, field) for field in fields}
            | {
                "source": cls.default_source,
                "methods": [m.name for m in all_methods(cls.name)],
                "description": inspect.getdoc(cls),
            }
        )

    return {name: lambda cls=cls: record(cls) for name, cls in all_tasks().items()}  # type: ignore[misc]


def _methods() -> dict[str, Callable[[], dict[str, Any]]]:
    from qwatt.core.registry import all_methods

    def record(cls: Any) -> dict[str, Any]:
        fields = ("task", "name", "companions", "space", "sources")
        return (
            {"what": "method", "kind": cls.kind.value}
            | {field: getattr(cls, field) for field in fields}
            | {"description": inspect.getdoc(cls), "file": inspect.getmodule(cls).__name__}  # type: ignore[union-attr]
        )

    table = {}
    for cls in all_methods():
        table[cls.name] = table[f"{cls.task}/{cls.name}"] = lambda cls=cls: record(cls)
    return table  # type: ignore[return-value]


def _qpus() -> dict[str, Callable[[], dict[str, Any]]]:
    from qwatt.energy.qpu import load_qpus

    return {name: lambda qpu=qpu: {"what": "QPU"} | qpu.to_record() for name, qpu in load_qpus().items()}  # type: ignore[misc]


def _datasets() -> dict[str, Callable[[], dict[str, Any]]]:
    from dataclasses import asdict

    from qwatt.data import list_datasets

    return {d.name: lambda d=d: {"what": "data set"} | asdict(d) for d in list_datasets()}  # type: ignore[misc]


def _print(record: dict[str, Any], indent: str = "") -> None:
    for key, value in record.items():
        if isinstance(value, dict):
            typer.echo(f"{indent}{key}:")
            _print(value, indent + "  ")
        elif isinstance(value, list | tuple):
            typer.echo(f"{indent}{key}: {', '.join(map(str, value)) or 'none'}")
        else:
            typer.echo(f"{indent}{key}: {value}")
