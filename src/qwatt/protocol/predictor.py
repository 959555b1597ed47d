"""Finds the artifact that predicts: a folder of one, or the best one of a run."""

from __future__ import annotations

from pathlib import Path

from qwatt.core.artifact import CARD, ArtifactCard
from qwatt.core.errors import QwattError
from qwatt.core.prediction import Prediction
from qwatt.core.registry import all_tasks, get_task
from qwatt.core.run_folder import RunFolder
from qwatt.core.study_file import load_study
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.protocol.artifacts import artifact_folder, best_trial


def predict(place: Path, source: str) -> tuple[ArtifactCard, Prediction]:
    """Label data with the artifact in a folder, or with that of a run's best method.

    Args:
        place: an artifact's folder, or a run folder with exactly one task whose artifacts predict.
        source: a file or folder of data.

    Raises:
        QwattError: neither of both, no artifact in the run, or what the task refuses.
    """
    folder = artifact_of(place)
    card = ArtifactCard.read(folder)
    try:
        task = get_task(card.task)
    except QwattError as error:
        raise error.found_in(str(folder / CARD)) from None
    return card, task.predict(folder, source)


def artifact_of(place: Path) -> Path:
    """Return an artifact's folder: the place itself, or that of the best method of a run that labels data.

    Raises:
        QwattError: neither of both, or a run without such an artifact.
    """
    return place if (place / CARD).is_file() else _best_of(place)


def _best_of(place: Path) -> Path:
    """Return the artifact folder of the best method of a run's only predicting task."""
    if not (place / "trials.jsonl").is_file():
        neither = f"this is neither a run (no trials.jsonl) nor an artifact (no {CARD})"
        what = neither if place.exists() else "no such file or folder"
        mend = "give the folder that `qwatt run --out` wrote, or one below its artifacts/"
        raise QwattError(what, where=str(place), mend=mend)
    able = [name for name, cls in all_tasks().items() if cls.predict is not Task.predict]
    trials = [trial for trial in _of_study(RunFolder(place)) if trial.done and trial.spec.task in able]
    about = {(t.spec.task, t.spec.source, t.spec.size, t.spec.backend) for t in trials}
    if not about:
        mend = f"give the run of a task that labels data: {', '.join(able)}"
        raise QwattError("no finished trial of this run labels data", where=str(place), mend=mend)
    if len(about) > 1:
        several = "; ".join(f"{task} on {source}, size {size}" for task, source, size, _ in sorted(about))
        mend = f"give the artifact's folder itself, below {place / 'artifacts'}"
        raise QwattError(
            f"this run has several results that label data: {several}", where=str(place), mend=mend
        )
    ((task, *_),) = about
    best = best_trial(task, trials)
    if best is None or not best.artifacts:
        mend = "run the study again, so that its methods write their artifacts"
        raise QwattError(f"{task} has made no artifact in this run", where=str(place), mend=mend)
    return place / artifact_folder(best)


def _of_study(folder: RunFolder) -> list[Trial]:
    """Return the trials of the study that the folder holds now; where it cannot be read, all."""
    try:
        study = load_study(folder.path / "study.toml")
    except QwattError:
        return folder.trials()
    return [trial for trial in folder.trials() if study.holds(trial.spec)]
