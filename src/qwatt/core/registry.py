"""Finds tasks, methods and backends: built in, or from other packages through entry points."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, TypeVar

from qwatt.core.backend import Backend
from qwatt.core.declared import check_method, check_task
from qwatt.core.errors import QwattError, unknown_name
from qwatt.core.method import Method
from qwatt.core.names import check_name
from qwatt.core.plugins import plugins
from qwatt.core.task import STAGES, Task

AnyTask = Task[Any, Any]
AnyMethod = Method[Any, Any]
BackendFactory = Callable[[str | None], Backend]

_tasks: dict[str, type[AnyTask]] = {}
_methods: dict[tuple[str, str], type[AnyMethod]] = {}
_backends: dict[str, BackendFactory] = {}
_broken: list[QwattError] = []

T = TypeVar("T", bound=type[AnyTask])
M = TypeVar("M", bound=type[AnyMethod])
F = TypeVar("F", bound=BackendFactory)


def task(cls: T) -> T:
    """Register a task class under its name."""
    check_task(cls)
    if cls.name.split("/", 1)[0] not in STAGES:
        raise unknown_name("stage", cls.name.split("/", 1)[0], STAGES, where=cls.__qualname__)
    check_name("name of a task", cls.name.partition("/")[2], cls.__qualname__)
    _add(_tasks, cls.name, cls)
    return cls


def method(cls: M) -> M:
    """Register a method class under its task and name."""
    check_method(cls)
    check_name("name of a method", cls.name, cls.__qualname__)
    _add(_methods, (cls.task, cls.name), cls)
    return cls


def backend(name: str) -> Callable[[F], F]:
    """Register a backend's factory; `--backend name:argument` calls it with the argument."""

    def register(factory: F) -> F:
        _add(_backends, name, factory)
        return factory

    return register


def _add(table: dict[Any, Any], key: Any, value: Any) -> None:
    old = table.get(key)
    if old is not None and (old.__module__, old.__qualname__) != (value.__module__, value.__qualname__):
        raise QwattError(f"{key} is registered twice: by {old.__module__} and {value.__module__}")
    table[key] = value


STAGES_HOME, BACKENDS_HOME = "qwatt.stages", "qwatt.quantum.backends"


@cache
def _any_plugin() -> bool:
    return bool(plugins())


@cache
def _load() -> None:
    """Import every module of `qwatt.stages` and `qwatt.quantum.backends`, then the entry points."""
    for package in (STAGES_HOME, BACKENDS_HOME):
        _import_all(package)
    for entry in plugins():
        _load_plugin(entry)
    for cls in list(_methods.values()):
        _drop_lost(cls)


def _load_part(package: str | None) -> None:
    """Import one package of ours; where there is no such, or plugins may add to it, import everything."""
    if package is None or is_loaded() or _any_plugin():
        _load()
    else:
        _import_all(package)


@cache
def _import_all(package: str) -> None:
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        importlib.import_module(module.name)


@cache
def _home_of(name: str) -> str | None:
    """Return the package of a stage or a task of ours, or None where there is no such folder."""
    parts = name.split("/")
    root = Path(importlib.import_module(STAGES_HOME).__path__[0])
    plain = len(parts) <= 2 and parts[0] in STAGES and all(part.isidentifier() for part in parts)
    return ".".join([STAGES_HOME, *parts]) if plain and root.joinpath(*parts).is_dir() else None


def _drop_lost(cls: type[AnyMethod]) -> None:
    """Take a method out whose task or companion nobody has registered."""
    lost = [unknown_name("task", cls.task, _tasks)] if cls.task not in _tasks else []
    beside = [name for task_name, name in _methods if task_name == cls.task]
    lost += [unknown_name("companion", name, beside) for name in cls.companions if name not in beside]
    if lost:
        del _methods[cls.task, cls.name]
        _broken.append(_broken_plugin(f"method {cls.name}", cls.__module__, lost[0]))


def _load_plugin(entry: EntryPoint) -> None:
    """Load an entry point; one that fails, or ends the process, leaves nothing registered."""
    tables: list[dict[Any, Any]] = [_tasks, _methods, _backends]
    before = [dict(table) for table in tables]
    try:
        entry.load()
    except (Exception, SystemExit) as error:
        for table, old in zip(tables, before, strict=True):
            table.clear()
            table.update(old)
        _broken.append(_broken_plugin(f"entry point {entry.group}:{entry.name}", entry.value, error))


def _broken_plugin(place: str, value: str, error: BaseException) -> QwattError:
    if isinstance(error, QwattError):
        why = f"{error.where}: {error.what}" if error.where else error.what
    else:
        why = f"{type(error).__name__}: {error}"
    return QwattError(
        f"the plugin {value!r} cannot be loaded: {' '.join(why.split())}",
        where=place,
        mend="update or uninstall the package that declares it",
    )


def broken_plugins() -> list[QwattError]:
    """Return what is wrong with the plugins that could not be loaded; everything else works without them."""
    _load()
    return list(_broken)


def is_loaded() -> bool:
    """Return whether all tasks, methods, backends and plugins were asked for yet."""
    return _load.cache_info().currsize > 0


def all_tasks() -> dict[str, type[AnyTask]]:
    """Return every task by name, in the order of the stages."""
    _load()
    return dict(sorted(_tasks.items(), key=lambda item: (STAGES.index(item[0].split("/")[0]), item[0])))


def tasks_of(name: str) -> dict[str, type[AnyTask]]:
    """Return the tasks of a stage, or the one of a task's name; only what is asked for is imported."""
    _load_part(_home_of(name))
    return {task: _tasks[task] for task in sorted(_tasks) if name in (task, task.split("/")[0])}


def all_methods(task_name: str | None = None) -> list[type[AnyMethod]]:
    """Return every method, or those of one task."""
    _load_part(_home_of(task_name)) if task_name else _load()
    return [m for (t, _), m in sorted(_methods.items()) if task_name in (None, t)]


def get_task(name: str) -> AnyTask:
    """Return an instance of the named task.

    Raises:
        QwattError: no such task; names the nearest ones.
    """
    _load_part(_home_of(name))
    if name not in _tasks:
        raise unknown_name("task", name, all_tasks())
    return _tasks[name]()


def get_method(task_name: str, name: str) -> AnyMethod:
    """Return an instance of the named method of a task.

    Raises:
        QwattError: no such method; names the nearest ones.
    """
    get_task(task_name)
    if (task_name, name) not in _methods:
        raise unknown_name(f"method of {task_name}", name, [m.name for m in all_methods(task_name)])
    return _methods[task_name, name]()


def all_backends() -> list[str]:
    """Return the names of the registered backends."""
    _load_part(BACKENDS_HOME)
    return sorted(_backends)


def get_backend(spec: str) -> Backend:
    """Return a new backend for a spec such as "engine", "noisy:ibm_kingston" or "pennylane:ionq.simulator".

    Raises:
        QwattError: no such backend, or its factory refuses the argument.
    """
    _load_part(BACKENDS_HOME)
    name, _, argument = spec.partition(":")
    if name not in _backends:
        raise unknown_name("backend", name, _backends)
    try:
        return _backends[name](argument or None)
    except QwattError as error:
        raise error.found_in(f"backend {spec}") from None
