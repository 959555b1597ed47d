"""Refuses a run folder that holds another study's run, or no run at all but other things."""

from __future__ import annotations

from pathlib import Path

from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.core.study import Study
from qwatt.core.study_file import load_study

Piece = tuple[str, str, str]
"""Task, source and size: what a study is about, whatever its methods, seeds and tuning."""


def check_folder(path: Path, study: Study) -> None:
    """Accept a new or empty folder, or one with trials of the same study.

    A study is the same when the tasks with their sources and sizes of one are among those of the other: more
    tasks, methods or seeds let it grow, and a part of it may be run again.

    Raises:
        QwattError: the folder holds another study, or files that are no run.
    """
    if not path.is_dir() or not any(not entry.name.startswith(".") for entry in path.iterdir()):
        return
    if not RunFolder.is_run(path):
        what = "this folder is not empty and holds no run"
        raise QwattError(what, where=str(path), mend="choose another --out, or write into it by --force")
    held, wanted = _held(RunFolder(path)), study.pieces
    if held and not held <= wanted and not wanted <= held:
        what = f"this folder holds another study ({_words(held - wanted)}; not {_words(wanted - held)})"
        raise QwattError(what, where=str(path), mend="choose another --out, or append to it by --force")


def _held(folder: RunFolder) -> set[Piece]:
    """Return what the folder's study is about, or where that cannot be read, what its trials are."""
    trials = folder.trials()
    if not any(trial.done for trial in trials):  # a run of failures alone blocks nothing
        return set()
    try:
        return load_study(folder.path / "study.toml").pieces
    except QwattError:
        return {(t.spec.task, t.spec.source, t.spec.size) for t in trials if t.done}


def _words(pieces: set[Piece]) -> str:
    first, *others = [f"{task} on {source}, size {size}" for task, source, size in sorted(pieces)]
    return f"{first} and {len(others)} more" if others else first
