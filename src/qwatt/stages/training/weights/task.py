"""The task: train a small classifier's weights, whether by gradients or by search (arXiv:2504.14568)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from qwatt.core.headline import Headline, counted, labelling_facts, share
from qwatt.core.prediction import Prediction
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.stages.training.weights.export import write_network
from qwatt.stages.training.weights.predict import predict_with
from qwatt.stages.training.weights.problem import TASK, WeightsAnswer, WeightsProblem
from qwatt.stages.training.weights.score import held_back_quality, validation_quality
from qwatt.stages.training.weights.split import load_problem

_TEXTS = {"features": 16, "encoder": "minilm"}


@task
class WeightsTask(Task[WeightsProblem, WeightsAnswer]):
    """A network without biases, tanh inside and softmax at the end, on a table of numbers or on texts.

    The size "published" has the split of arXiv:2504.14568's program for every seed, so that seeds differ in
    the random start and the method's own draws alone: four fifths of all rows are trained on, and none choose
    settings, so that a tuner goes by the training rows.
    """

    name: ClassVar[str] = TASK
    functional_unit: ClassVar[str] = (
        "Train the weights of one small classifier from one random start, and label the held-back rows."
    )
    metric: ClassVar[str] = "accuracy"
    margin: ClassVar[float] = 0.02
    sizes: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "xs": {"rows": 60, "hidden": (2,), "validation": 0.2, "features": 8, "encoder": "hashed:16"},
        "s": {"rows": 300, "hidden": (8,), "validation": 0.15, **_TEXTS},
        "m": {"rows": None, "hidden": None, "validation": 0.15, **_TEXTS},
        "full": {"rows": None, "hidden": None, "validation": 0.15, **_TEXTS},
        "published": {"rows": None, "hidden": None, "validation": 0.0, "split": 42, **_TEXTS},
    }
    default_source: ClassVar[str] = "wine"
    no_effect: ClassVar[str] = "a classifier's weights say nothing of a language model's training"

    def load(self, source: str, size: str, seed: int) -> WeightsProblem:
        """Return the rows of a rung in three parts, and its network."""
        return load_problem(source, size, self.rung(size), seed)

    def validate(self, problem: WeightsProblem, solution: Solution[WeightsAnswer]) -> Quality:
        """Return accuracy on the validation part."""
        return validation_quality(problem, solution.answer)

    def score(self, problem: WeightsProblem, solution: Solution[WeightsAnswer]) -> Quality:
        """Return accuracy on the test part, and further metrics."""
        return held_back_quality(problem, solution)

    def export(self, problem: WeightsProblem, solution: Solution[WeightsAnswer], folder: Path) -> list[Path]:
        """Write the network and its predictions."""
        return write_network(problem, solution.answer, folder)

    def predict(self, artifact: Path, source: str) -> Prediction:
        """Label a user's rows with a saved network."""
        return predict_with(artifact, source)

    def summary(self, trial: Trial) -> Mapping[str, Any]:
        """Return how many rows were tested, the losses, and the loss evaluations."""
        names = ("test_rows", "classes", "parameters", "test_loss", "train_accuracy", "objective")
        told = {**trial.counters, **trial.extras}  # earlier runs have the evaluations in their counters alone
        return {n: told[n] for n in (*names, "loss_evaluations") if n in told}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how many held-back rows were labelled right, after what, and how to label others."""
        if trial.quality is None:
            return super().headline(trial, artifact)
        rows = counted(int(trial.extras["test_rows"]), "held-back row")
        used = counted(round(trial.counters["loss_evaluations"]), "loss evaluation")
        facts = [f"accuracy {share(trial.quality)} on {rows}, after {used}"]
        return Headline((*facts, *labelling_facts(artifact)))
