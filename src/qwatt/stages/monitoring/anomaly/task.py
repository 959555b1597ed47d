"""Notice single texts, or rows of a table, that are unlike the clean ones that a detector was fitted on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.headline import Headline
from qwatt.core.prediction import Prediction
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.monitoring.anomaly.export import write_detector
from qwatt.stages.monitoring.anomaly.headline import headline, summary
from qwatt.stages.monitoring.anomaly.predict import predict_with
from qwatt.stages.monitoring.anomaly.problem import TASK, AnomalyAnswer, AnomalyProblem
from qwatt.stages.monitoring.anomaly.score import held_back_quality, validation_quality
from qwatt.stages.monitoring.anomaly.sources import load_problem

_EVERY: dict[str, Any] = {"of": None}


@task
class AnomalyTask(Task[AnomalyProblem, AnomalyAnswer]):
    """Detection of single strange texts by detectors that were fitted on clean ones without labels.

    All thresholds are set alike, on further clean texts, at a false-alarm rate of 5 %. A user's file needs
    the field `text`, or names another as in "mine.csv#body,kind", and a label that says which texts are
    normal; without labels all of it is taken as clean, which makes a detector for `qwatt predict`. A table of
    numbers is read row by row, every column scaled alike, its label named as in "mine.csv#,kind".
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Fit a detector on clean texts, set its threshold for 5 % false alarms and score every further text, "
        "starting from raw text."
    )
    metric: ClassVar[str] = "average_precision"
    margin: ClassVar[float] = 0.05
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": _EVERY | {"train": 40, "calibration": 19, "validation": 18, "test": 36, "encoder": "hashed:16"},
        "s": _EVERY | {"train": 250, "calibration": 199, "validation": 90, "test": 270, "encoder": "minilm"},
        "m": _EVERY
        | {"train": 1_000, "calibration": 399, "validation": 450, "test": 900, "encoder": "minilm"},
        "full": _EVERY
        | {"train": 2_000, "calibration": 999, "validation": 900, "test": None, "encoder": "minilm"},
    }
    default_source: ClassVar[str] = "vader"
    no_effect: ClassVar[str] = "alarms save the attention of people, not energy"

    def load(self, source: str, size: str, seed: int) -> AnomalyProblem:
        """Return the texts of a named source or a path."""
        return load_problem(source, size, self.rung(size), seed)

    def validate(self, problem: AnomalyProblem, solution: Solution[AnomalyAnswer]) -> Quality:
        """Return the average precision on the validation texts."""
        return validation_quality(problem, solution.answer)

    def score(self, problem: AnomalyProblem, solution: Solution[AnomalyAnswer]) -> Quality:
        """Return the average precision on the held-back texts, alerts for 95 % recall, and false alarms."""
        return held_back_quality(problem, solution.answer)

    def export(self, problem: AnomalyProblem, solution: Solution[AnomalyAnswer], folder: Path) -> list[Path]:
        """Write the detector and its alarms."""
        return write_detector(problem, solution.answer, folder)

    def predict(self, artifact: Path, source: str) -> Prediction:
        """Score a user's further texts with a saved detector."""
        return predict_with(artifact, source)

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return alerts for 95 % recall and the rate of false alarms with its interval."""
        return summary(trial)

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how many texts an operator looks at and how often in vain."""
        return headline(trial, artifact)
