"""Train a small head on frozen sentence embeddings, or on a table: the case of arXiv:2504.08732."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.headline import Headline, counted, labelling_facts, share
from qwatt.core.prediction import Prediction
from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import get_method, task
from qwatt.core.size import rung_of
from qwatt.core.task import Task
from qwatt.core.trial import Trial
from qwatt.language import check_encoder
from qwatt.language.table_rows import Scale
from qwatt.stages.tuning.head.export import write_head
from qwatt.stages.tuning.head.predict import predict_with
from qwatt.stages.tuning.head.problem import TASK, Embedding, HeadAnswer, HeadProblem, Part, Rows
from qwatt.stages.tuning.head.score import held_back_quality, validation_quality
from qwatt.stages.tuning.head.sources import Labelled, is_table, read_labelled
from qwatt.stages.tuning.head.split import HeadSize, split_sentences


@task
class HeadTask(Task[HeadProblem, HeadAnswer]):
    """Sentence classification from few labels on a frozen encoder, with two classes or more.

    Rows of a table of numbers are classified as well: their columns, at mean 0 and variance 1, stand where
    the encoder's vectors do. The default source is film-review snippets with the sign of their mean rating
    as the label; a user's file needs the fields `text` and `label`, or names others as in
    "mine.csv#body,topic".
    """

    name = TASK
    functional_unit = (
        "Fit a head on at most 256 labelled sentences of each class (85 % to train, 15 % to choose settings) "
        "on top of a frozen sentence encoder, and label the held-back sentences, starting from raw text "
        "(of a table: from its numbers)."
    )
    metric = "accuracy"
    margin = 0.01
    sizes: ClassVar[dict[str, dict[str, Any]]] = {
        "xs": {"per_class": 20, "pool_per_class": 60, "encoder": "hashed:16"},
        "s": {"per_class": 256, "pool_per_class": 1256, "encoder": "minilm"},
        "m": {"per_class": 256, "pool_per_class": None, "encoder": "minilm"},
        "full": {"per_class": 256, "pool_per_class": None, "encoder": "minilm"},
    }
    default_source = "vader"

    def suits(self, method: str, source: str) -> bool:
        """Return whether a head is for such data: some tune an encoder of texts, some choose columns."""
        only = getattr(get_method(self.name, method), "only", None)
        return only is None or (only == "tables") == is_table(source)

    no_effect: ClassVar[str] = "a head on a frozen encoder takes no part in the life of a language model"

    def load(self, source: str, size: str, seed: int) -> HeadProblem:
        """Read and split by text hash; the sentences are embedded when a method first asks for vectors."""
        chosen = self.rung(size)
        if chosen["per_class"] < 1:
            what, mend = "per_class is 0: nothing to fit on", "give 1 or more"
            raise QwattError(what, where="size", mend=mend)
        used = HeadSize(size, chosen["per_class"], chosen["pool_per_class"], adapts=rung_of(size) == "full")
        check_encoder(chosen["encoder"])
        found = read_labelled(source)
        splits = split_sentences(found, used, seed)
        embedding = _samples(found, chosen["encoder"], splits)
        starts = np.cumsum([0, *(len(split) for split in splits)])
        train, validation, test = (
            Part(
                tuple(found.ids[i] for i in split),
                np.array([found.labels[i] for i in split], dtype=np.int64),
                embedding,
                int(start),
            )
            for split, start in zip(splits, starts, strict=False)
        )
        return HeadProblem(self.name, source, size, seed, train, validation, test, found.classes, embedding)

    def validate(self, problem: HeadProblem, solution: Solution[HeadAnswer]) -> Quality:
        """Return balanced accuracy on the validation part, ties broken by the mean margin."""
        return validation_quality(problem, solution.answer)

    def score(self, problem: HeadProblem, solution: Solution[HeadAnswer]) -> Quality:
        """Return accuracy on the test part, and further metrics."""
        return held_back_quality(problem, solution.answer)

    def export(self, problem: HeadProblem, solution: Solution[HeadAnswer], folder: Path) -> list[Path]:
        """Write the head, `predictions.csv` and `confusion.csv`."""
        return write_head(problem, solution.answer, folder)

    def predict(self, artifact: Path, source: str) -> Prediction:
        """Label a user's sentences with a saved head."""
        return predict_with(artifact, source)

    def summary(self, trial: Trial) -> dict[str, Any]:
        """Return how many sentences were tested, and the further metrics that are numbers."""
        names = ("balanced_accuracy", "auc", "macro_f1", "classes", "test_sentences")
        return {name: trial.extras[name] for name in names if name in trial.extras}

    def headline(self, trial: Trial, artifact: str | None) -> Headline:
        """Say how many held-back sentences were labelled right, and how to label others."""
        found = trial.extras
        if trial.quality is None or not {"test_sentences", "classes"} <= found.keys():  # an earlier one
            return super().headline(trial, artifact)
        noun = "held-back row" if found.get("of_table") else "held-back sentence"
        sentences = counted(found["test_sentences"], noun)
        facts = [f"accuracy {share(trial.quality)} on {sentences}, {counted(found['classes'], 'label')}"]
        return Headline((*facts, *labelling_facts(artifact)))


def _samples(found: Labelled, encoder: str, splits: tuple[list[int], ...]) -> Embedding | Rows:
    """Return the sentences or rows in use, training ones first; a table is scaled by these alone."""
    used = [i for split in splits for i in split]
    texts = [found.texts[i] for i in used]
    if found.values is None:
        return Embedding(encoder, texts)
    values = found.values[used]
    return Rows(texts, values, Scale.of(found.columns, values[: len(splits[0])]))
