"""What is registered, as plain rows, kept in the cache: finding it imports every stage.

Kept rows count only while nothing that they were found in has changed: files and folders of qwatt, of plugins
and of what these import, and the list of plugins. Where the cache cannot be written, or is damaged, the rows
are found again without a word.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_PACKAGE = Path(__file__).parents[1]
_FOLDERS = ("stages", "quantum/backends", "catalogue")
"""Folders of ours in which a new file may register something, or describe it."""
_TICK_NS = 20_000_000
"""What a file system's clock may be behind: a file changed so shortly before may change again unseen."""

Row = dict[str, Any]


class Index(NamedTuple):
    """Rows of `qwatt list`, in its order."""

    tasks: list[Row]
    methods: list[Row]
    backends: list[Row]

    def methods_by_task(self) -> dict[str, list[str]]:
        """Return the methods' names by task."""
        found: dict[str, list[str]] = {row["task"]: [] for row in self.tasks}
        for row in self.methods:
            found[row["task"]].append(row["name"])
        return found


def index() -> Index:
    """Return what is registered, from the cache where nothing changed since it was found."""
    catalogue = sys.modules.get("qwatt.catalogue")
    if catalogue is not None and catalogue.own_tables():  # what --catalogue lays over may describe a method
        return _find()
    kept = _read()
    if kept is not None:
        return kept
    begun_ns = time.time_ns() - _TICK_NS
    found = _find()
    _keep(found, begun_ns)
    return found


def _find() -> Index:
    from qwatt.core.registry import all_backends, all_methods, all_tasks
    from qwatt.projection.scaling.card import NO_CARD
    from qwatt.projection.scaling.load import card_of

    tasks = [
        {"task": name, "metric": t.metric, "functional_unit": t.functional_unit, "source": t.default_source}
        for name, t in all_tasks().items()
    ]
    methods = [
        {
            "task": m.task,
            "name": m.name,
            "kind": m.kind.value,
            "projection": "card" if card_of(m) else NO_CARD,
            "sources": list(m.sources),
        }
        for m in all_methods()
    ]
    return Index(tasks, methods, [{"name": name} for name in all_backends()])


def _file() -> Path:
    """Return the file of this installation: another Python or copy of qwatt has another."""
    from qwatt.core.cache import cache_folder

    who = hashlib.sha256(repr((str(_PACKAGE), sys.prefix, sys.version)).encode()).hexdigest()
    return cache_folder("index") / f"{who[:16]}.json"


def _read() -> Index | None:
    """Return the kept rows, or None where there are none, they are damaged, or something changed."""
    from qwatt.core.errors import QwattError

    try:
        digest, _, text = _file().read_text("utf-8").partition("\n")
        if digest != _digest(text):
            return None
        kept = json.loads(text)
        if kept["plugins"] != _plugins() or any(_stamp(path) != then for path, then in kept["files"].items()):
            return None
        return Index(**kept["rows"])
    except (QwattError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _keep(found: Index, begun_ns: int) -> None:
    """Keep the rows, unless a plugin is broken or a file changed while they were found."""
    from qwatt.core.durable import whole_file
    from qwatt.core.errors import QwattError
    from qwatt.core.registry import broken_plugins

    files = {path: _stamp(path) for path in dict.fromkeys([*map(str, _folders()), *_imported()])}
    ours = {"/".join(file.parts[-3:-1]) for file in _PACKAGE.glob("stages/*/*/task.py")}
    if not ours <= {row["task"] for row in found.tasks} or _registered_by_hand():
        return  # a process that knows less or more than another one would
    if broken_plugins() or any(stamp is None or stamp[0] >= begun_ns for stamp in files.values()):
        return
    text = json.dumps({"plugins": _plugins(), "files": files, "rows": found._asdict()})
    try:
        with whole_file(_file()) as stream:
            stream.write(f"{_digest(text)}\n{text}".encode())
    except (QwattError, OSError):
        return  # a home that cannot be written: found again each time


def _registered_by_hand() -> bool:
    """Return whether something was registered that neither qwatt nor a plugin brings."""
    from qwatt.core.registry import all_methods, all_tasks

    classes = [*all_tasks().values(), *all_methods()]
    return not {cls.__module__.partition(".")[0] for cls in classes} <= {"qwatt", *_plugin_packages()}


def _plugin_packages() -> set[str]:
    from qwatt.core.plugins import plugins

    return {entry.module.partition(".")[0] for entry in plugins()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _stamp(path: str) -> list[int] | None:
    """Return when a file or folder changed and its size, or None where there is none."""
    try:
        state = Path(path).stat()
    except OSError:
        return None
    return [state.st_mtime_ns, state.st_size]


def _folders() -> Iterator[Path]:
    """Yield the folders whose change may add a name: of ours, and where packages are installed."""
    for name in _FOLDERS:
        yield _PACKAGE / name
        yield from (path for path in (_PACKAGE / name).rglob("*") if path.is_dir() and path.name[:2] != "__")
    yield from (_PACKAGE / "catalogue").glob("*.toml")
    yield from (Path(p) for p in sys.path if Path(p).name in ("site-packages", "dist-packages"))


def _imported() -> Iterator[str]:
    """Yield the files of all imported modules, but for Python's own, and the folders of plugins' packages.

    What names no place, as torch's `_ops.py`, is made at run time and has no file. A plugin may import what
    lies in its folders, as we do.
    """
    theirs = _plugin_packages()
    for name, module in list(sys.modules.items()):
        package = name.partition(".")[0]
        if package in sys.stdlib_module_names:
            continue
        if Path(file := getattr(module, "__file__", None) or "").is_absolute():
            yield str(file)
        if package in theirs:
            yield from map(str, getattr(module, "__path__", ()))


def _plugins() -> list[list[str | None]]:
    """Return every plugin and where its code lies, none imported."""
    from importlib.util import find_spec

    from qwatt.core.plugins import plugins

    found: list[list[str | None]] = []
    for entry in plugins():
        spec = find_spec(entry.module.partition(".")[0])
        found.append([entry.group, entry.name, entry.value, None if spec is None else spec.origin])
    return sorted(found, key=str)
