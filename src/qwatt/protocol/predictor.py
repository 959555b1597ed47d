"""Finds the artifact that predicts: a folder of one, or the best one of a run."""

from __future__ import annotations

from pathlib import Path

from qwatt.core.artifact import CARD, ArtifactCard
from qwatt.core.errors import QwattError
from qwatt.core.prediction import Prediction
from qwatt.core.registry import all_tasks, get_task
from qwatt.core.run_folder import RunFolder
from qwatt.core.task import Task
from qwatt.protocol.artifacts import best_trial


def predict(place: Path, source: str) -> tuple[ArtifactCard, Prediction]:
    """Label data with the artifact in a folder, or with that of a run's best method.

    Args:
        place: an artifact's folder, or a run folder with exactly one task whose artifacts predict.
        source: a file or folder of data.

    Raises:
        QwattError: neither of both, no artifact in the run, or what the task refuses.
    """
    folder = place if (place / CARD).is_file() else _best_of(place)
    card = ArtifactCard.read(folder)
    return card, get_task(card.task).predict(folder, source)


def _best_of(place: Path) -> Path:
    """Return the artifact folder of the best method of a run's only predicting task."""
    if not (place / "trials.jsonl").is_file():
        what = f"this is neither a run (no trials.jsonl) nor an artifact (no {CARD})"
        mend = "give the folder that `qwatt run --out` wrote, or one below its artifacts/"
        raise QwattError(what, where=str(place), mend=mend)
    trials = [trial for trial in RunFolder(place).trials() if trial.done]
    able = [name for name, cls in all_tasks().items() if cls.predict is not Task.predict]
    found = [name for name in able if any(trial.spec.task == name for trial in trials)]
    if len(found) != 1:
        what = f"this run has {len(found) or 'no'} tasks whose artifacts predict"
        mend = f"give the artifact's folder itself, below {place / 'artifacts'}"
        raise QwattError(what, where=str(place), mend=mend)
    best = best_trial(found[0], [trial for trial in trials if trial.spec.task == found[0]])
    if best is None or not best.artifacts:
        mend = "run the study again, so that its methods write their artifacts"
        raise QwattError(f"{found[0]} has made no artifact in this run", where=str(place), mend=mend)
    return RunFolder(place).artifacts(found[0], best.spec.method)
