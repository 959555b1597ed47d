"""What `qwatt run` says before its first trial: how many there are, what was added, and where it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.headline import counted

if TYPE_CHECKING:
    from qwatt.api.run import Prepared

_MOST_TASKS = 3


def beginning(prepared: Prepared) -> list[str]:
    """Return the lines."""
    makers = prepared.study.makers
    methods = {(spec.task, spec.method) for spec in makers}
    tasks = list(dict.fromkeys(spec.task for spec in makers))
    what = tasks[0] if len(tasks) == 1 else counted(len(tasks), "task")
    before = f", {len(prepared.done)} of them done before" if prepared.done else ""
    first = f"{counted(len(prepared.specs), 'trial')} of {counted(len(methods), 'method')} of {what}{before}"
    return [f"{first}; run folder: {prepared.folder.path}", *_companions(prepared)]


def _companions(prepared: Prepared) -> list[str]:
    """Say which methods run beside those that were named, to show what their quantum part is worth."""
    run: dict[str, list[str]] = {}
    for spec in prepared.study.makers:
        run.setdefault(spec.task, []).append(spec.method)
    named: dict[str, list[str]] = {}
    for entry in prepared.study.tasks:
        named.setdefault(entry.task, []).extend(
            run.get(entry.task, []) if entry.methods is None else entry.methods
        )
    added = {
        task: list(dict.fromkeys(name for name in run.get(task, ()) if name not in methods))
        for task, methods in named.items()
    }
    added = {task: names for task, names in added.items() if names}
    why = "added unasked, as controls and classical twins of the methods named"
    if len(added) > _MOST_TASKS:
        return [f"{counted(sum(map(len, added.values())), 'method')} of {len(added)} tasks {why}"]
    return [f"{task}: {', '.join(names)} {why}" for task, names in added.items()]
