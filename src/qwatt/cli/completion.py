"""What a shell may complete: tasks, methods, studies, scenarios, QPUs, data sets.

Names of tasks and methods are those of `qwatt.cli.index`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import typer

_PACKAGE = Path(__file__).parents[1]


def targets(incomplete: str) -> list[str]:
    """Complete what `run` and `plan` take: studies, stages, tasks."""
    tasks = list(_methods_by_task())
    stages = dict.fromkeys(task.partition("/")[0] for task in tasks)
    return _begun([*_shipped("studies"), *stages, *tasks], incomplete)


def tasks(incomplete: str) -> list[str]:
    """Complete the name of a task."""
    return _begun(_methods_by_task(), incomplete)


def methods(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of a method: of the stage or task that was named before, else of all."""
    # While an option still lacks its value the words before it are parsed into nothing, and stay here.
    typed = [word for word in ctx.args if not word.startswith("-")]
    target = typed[0] if typed else str(ctx.params.get("target"))
    known = _methods_by_task()
    chosen = {task: names for task, names in known.items() if target in (task, task.partition("/")[0])}
    every = dict.fromkeys(name for names in (chosen or known).values() for name in names)
    return _begun(every, incomplete)


def scenarios(incomplete: str) -> list[str]:
    """Complete the name of a scenario that comes with qwatt or lies in `scenarios/`."""
    return _begun((Path(file).stem for file in _shipped("scenarios")), incomplete)


def qpus(incomplete: str) -> list[str]:
    """Complete the id of a catalogued QPU."""
    return _begun(_tables("qpus"), incomplete)


def datasets(incomplete: str) -> list[str]:
    """Complete the name of a data set or model that can be fetched."""
    return _begun(_tables("datasets", "dataset"), incomplete)


def things(incomplete: str) -> list[str]:
    """Complete what `show` takes: methods, tasks, QPUs, accelerators, grids, models, scenarios."""
    known = _methods_by_task()
    full = [f"{task}/{name}" for task, names in known.items() for name in names]
    catalogued = [name for kind in ("qpus", "accelerators", "grids", "models") for name in _tables(kind)]
    return _begun([*known, *full, *catalogued, *scenarios("")], incomplete)


def _begun(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _shipped(folder: str) -> list[str]:
    """Return the files that are found by name, as one types them."""
    from qwatt.core.shipped import shipped_folders

    files = {file.name for place in shipped_folders(folder) for file in place.glob("*.toml")}
    return [f"{folder}/{name}" for name in sorted(files)]


def _tables(catalogue: str, *path: str) -> list[str]:
    import tomllib

    content = tomllib.loads((_PACKAGE / "catalogue" / f"{catalogue}.toml").read_text("utf-8"))
    for key in path:
        content = content[key]
    return [name for name, value in content.items() if isinstance(value, dict)]


def _methods_by_task() -> dict[str, list[str]]:
    from qwatt.cli.index import index

    return index().methods_by_task()
