"""Finds what `qwatt show` is asked for, by any of its names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qwatt.core.errors import QwattError
    from qwatt.core.run_folder import RunFolder

Record = dict[str, Any]
Table = dict[str, Callable[[], Record]]


def find(name: str) -> Record:
    """Return the record of the named thing; where several share the name, all of them under `found`.

    Raises:
        QwattError: nothing has that name; names the nearest.
    """
    from pathlib import Path

    from qwatt.core.errors import QwattError, unknown_name
    from qwatt.core.near_names import near_names

    if (run := _run(name)) is not None:
        return run
    tables = [_tasks(), _methods(), _qpus(), _accelerators(), _grids(), _models(), _datasets(), _scenarios()]
    found = [table[full]() for table in tables for full in table if name in (full, full.rsplit("/", 1)[-1])]
    if not found:
        found = _aliased(name)
    if not found:
        if Path(name).is_dir():
            raise _no_run(name)
        known = {short for table in tables for full in table for short in (full, full.rsplit("/", 1)[-1])}
        if near_names(name, known):
            raise unknown_name("name", name, known)
        mend = "see `qwatt list`: tasks, methods, qpus, grids, models and others; a run is the folder's path"
        raise QwattError(f"unknown name {name!r}", mend=mend)
    return found[0] if len(found) == 1 else {"what": f"{len(found)} things called {name}", "found": found}


def _no_run(name: str) -> QwattError:
    from pathlib import Path

    from qwatt.core.errors import QwattError

    projected = (Path(name) / "projection.json").is_file()
    mend = "give the folder that `qwatt run` wrote"
    if projected:
        mend = "read report.html or projection.json there; `qwatt show` takes the scenario's name"
    return QwattError("this folder holds no run (no trials.jsonl)", where=name, mend=mend)


def _run(name: str) -> Record | None:
    """Return what a run folder holds, where the name is that of one."""
    from pathlib import Path

    from qwatt.core.energy_log import read_energy, stage_totals
    from qwatt.core.run_folder import RunFolder

    if not Path(name).is_dir() or not RunFolder.is_run(Path(name)):
        return None
    folder = RunFolder(Path(name))
    trials, found = folder.trials(), read_energy(folder.path)
    return {
        "what": "run",
        "folder": name,
        "tasks": list(dict.fromkeys(trial.spec.task for trial in trials)),
        "trials": len(trials),
        "failed": sum(not trial.done for trial in trials),
        "best": _best(folder) if trials else {},
        "report": str(page) if (page := folder.path / "report.html").is_file() else f"qwatt report {name}",
        "recorded": [total.to_record() for total in stage_totals(found)],
        "machines": [
            {k: v for k, v in facts.items() if k != "packages"} for facts in folder.environments().values()
        ],
    }


def _best(folder: RunFolder) -> Record:
    """Return by task which method's artifact a user takes away and its median quality, or why none."""
    from qwatt.core.errors import QwattError
    from qwatt.report import comparisons_of
    from qwatt.report.result import results_of

    try:
        results = results_of(comparisons_of(folder))
    except QwattError as error:
        return {"unknown": error.what}
    said = {}
    for result in results:
        one, quality = result.comparison, result.row.quality
        place = f"{one.task} on {one.source}, size {one.size}, backend {one.backend}"
        median = "" if quality is None else f", {one.metric} {quality[1]:.4f}"
        said[place] = f"{result.standing}{median}"
    return said


def _aliased(name: str) -> list[Record]:
    """Return what the catalogues know under another name, such as a grid's country or a chip's alias."""
    from qwatt.core.errors import QwattError
    from qwatt.projection.catalogued.accelerators import accelerator
    from qwatt.projection.catalogued.grids import grid
    from qwatt.projection.catalogued.models import language_model

    finders: dict[str, Callable[[str], Any]] = {
        "accelerator": accelerator,
        "grid": grid,
        "language model": language_model,
    }
    found = []
    for what, finder in finders.items():
        try:
            found.append({"what": what} | finder(name).to_record())
        except QwattError:
            continue
    return found


def _tasks() -> Table:
    from qwatt.cli.index import index

    def record(name: str) -> Record:
        from qwatt.core.registry import all_methods, get_task

        cls = type(get_task(name))
        fields = ("name", "functional_unit", "metric", "higher_is_better", "margin")
        return (
            {"what": "task"}
            | {field: getattr(cls, field) for field in fields}
            | {
                "sizes": dict(cls.sizes),
                "source": cls.default_source,
                "methods": [m.name for m in all_methods(cls.name)],
                "description": inspect.getdoc(cls),
            }
        )

    return {row["task"]: lambda name=row["task"]: record(name) for row in index().tasks}  # type: ignore[misc]


def _methods() -> Table:
    """Return built methods with their scaling cards, and the cards of methods that are projected only."""
    from qwatt.cli.index import index
    from qwatt.projection.scaling import all_cards

    built = {f"{row['task']}/{row['name']}": (row["task"], row["name"]) for row in index().methods}
    cards = all_cards()
    return {
        name: lambda name=name: _method(built.get(name), cards.get(name))  # type: ignore[misc]
        for name in (*built, *(name for name in cards if name not in built))
    }


def _method(built: tuple[str, str] | None, card: Any) -> Record:
    if built is None:
        return dict(card.explain())
    from qwatt.core.registry import get_method
    from qwatt.projection.scaling.card import NO_CARD

    cls = type(get_method(*built))

    fields = ("task", "name", "companions", "space", "sources")
    module = inspect.getmodule(cls)
    return (
        {"what": "method", "kind": cls.kind.value}
        | {field: getattr(cls, field) for field in fields}
        | {"limits": _limits(cls.limits)}
        | {"description": inspect.getdoc(cls), "file": module.__name__ if module else None}
        | {"scaling": NO_CARD if card is None else dict(card.explain())}
    )


def _limits(limits: Mapping[str, Any]) -> dict[str, str]:
    """Return what `--set` may say of settings with a lowest and a highest number."""
    from qwatt.report.numbers import short

    spans = {name: limit for name, limit in limits.items() if isinstance(limit, tuple)}
    return {name: f"{short(low)} to {short(high)}" for name, (low, high) in spans.items()}


def _qpus() -> Table:
    from qwatt.energy.qpu import load_qpus

    return _records("QPU", load_qpus())


def _accelerators() -> Table:
    from qwatt.projection.catalogued.accelerators import all_accelerators

    return _records("accelerator", all_accelerators())


def _grids() -> Table:
    from qwatt.projection.catalogued.grids import all_grids

    return _records("grid", all_grids())


def _models() -> Table:
    from qwatt.projection.catalogued.models import all_models

    return _records("language model", all_models())


def _datasets() -> Table:
    from qwatt.data import list_datasets

    return {d.name: lambda d=d: {"what": "data set"} | asdict(d) for d in list_datasets()}  # type: ignore[misc]


def _scenarios() -> Table:
    from qwatt.projection.scenario.file import scenario_files

    def record(name: str) -> Record:
        from qwatt.projection.scenario.file import load_scenario

        return {"what": "scenario"} | load_scenario(name).to_record()

    return {name: lambda name=name: record(name) for name in scenario_files()}  # type: ignore[misc]


def _records(what: str, things: Mapping[str, Any]) -> Table:
    return {name: lambda thing=thing: {"what": what} | thing.to_record() for name, thing in things.items()}  # type: ignore[misc]
