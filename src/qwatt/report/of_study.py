"""Which of a folder's trials a report is of: those of its study, as far as this version knows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qwatt.core.comparison import Comparison, compare_all
from qwatt.core.errors import QwattError
from qwatt.core.headline import counted
from qwatt.core.registry import AnyTask, all_methods, all_tasks, tasks_of
from qwatt.core.study import Study
from qwatt.core.study_file import load_study
from qwatt.core.toml import read_toml
from qwatt.core.trial import Trial

if TYPE_CHECKING:
    from qwatt.core.run_folder import RunFolder


@dataclass(frozen=True)
class OfStudy:
    """What a report shows of a run folder.

    Args:
        comparisons: of the study's trials.
        others: what the folder holds besides, in words.
    """

    comparisons: list[Comparison]
    others: list[str]


def of_study(folder: RunFolder) -> OfStudy:
    """Compare the trials of a folder's study, and say what is left out and why.

    Where the study names tasks or methods that this version does not have, as renamed ones, all trials of
    known tasks are shown, and it is said. As several verbs ask for the same, what was found last is kept.

    Raises:
        QwattError: there is no study, or none that can be read.
    """
    if not folder.trials_file.is_file():
        return OfStudy([], [])
    file, trials = folder.path / "study.toml", folder.trials()
    text = file.read_bytes() if file.is_file() else b""
    if _LAST.of(text, trials):
        return _LAST.found
    wanted, notes = _wanted(folder, trials)
    tasks = _tasks_of(trials)
    kept: list[Trial] = []
    others: list[Trial] = []
    for trial in trials:
        shown = trial.spec.task in tasks and (wanted is None or wanted.holds(trial.spec))
        (kept if shown else others).append(trial)
    said = [*notes, *_left_out(others)]
    _LAST.text, _LAST.trials, _LAST.found = text, trials, OfStudy(compare_all(kept, tasks), said)
    return _LAST.found


def _tasks_of(trials: Sequence[Trial]) -> dict[str, AnyTask]:
    """Return the tasks that trials are of, as far as this version has them; no others are imported."""
    found = {name: tasks_of(name).get(name) for name in {trial.spec.task for trial in trials}}
    return {name: task() for name, task in found.items() if task is not None}


class _Last:
    """What was found last, and of what."""

    text: bytes
    trials: Sequence[Trial] = ()
    found: OfStudy

    def of(self, text: bytes, trials: Sequence[Trial]) -> bool:
        """Return whether it is of these very trials: a folder gives one list until it changes."""
        return trials is self.trials and text == self.text


_LAST = _Last()


def _wanted(folder: RunFolder, trials: Sequence[Trial]) -> tuple[Study | None, list[str]]:
    """Return the study whose trials are shown, None for all where it is of another version, and why."""
    try:
        return load_study(folder.path / "study.toml"), []
    except QwattError as error:
        if not _is_of_another_version(folder, trials):
            raise
        return None, [f"the study is of another version ({error.what}): all trials of known tasks are shown"]


def _is_of_another_version(folder: RunFolder, trials: Sequence[Trial]) -> bool:
    """Return whether the study names a task or method that is unknown here, but that trials are of."""
    entries = read_toml(folder.path / "study.toml", "see the study")[0].get("tasks")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return False
    unknown = {(t.spec.task, t.spec.method) for t in trials} - {(m.task, m.name) for m in all_methods()}
    named = {entry.get("task") for entry in entries}
    methods = {name for entry in entries for name in entry.get("methods") or ()}
    return any(task in named and (task not in all_tasks() or name in methods) for task, name in unknown)


def _left_out(trials: Sequence[Trial]) -> list[str]:
    pieces = Counter((t.spec.task, t.spec.source, t.spec.size) for t in trials)
    return [
        f"{counted(count, 'trial')} of {task} on {source}, size {size}: "
        f"{'of another study or settings' if task in tasks_of(task) else 'of a task that is not installed'}, "
        "kept in trials.jsonl"
        for (task, source, size), count in pieces.items()
    ]
