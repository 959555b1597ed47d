"""Train a small head on frozen sentence embeddings: the case of arXiv:2504.08732."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.problem import Quality, Solution
from qwatt.core.registry import task
from qwatt.core.task import Task
from qwatt.stages.tuning.head.embed import embed
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem, Labels, Part, split_by_hash
from qwatt.stages.tuning.head.sources import read_labelled


@task
class HeadTask(Task[HeadProblem, HeadAnswer]):
    """Two-class sentence classification from few labels on a frozen encoder.

    A solution's answer is a `HeadAnswer`. The default source is film-review snippets with the sign of
    their mean rating as the label; a user's file needs the fields `text` and `label`.
    """

    name = "tuning/head"
    functional_unit = (
        "Fit a two-class head on 512 labelled sentences (85 % to train, 15 % to choose settings) on top of a "
        "frozen sentence encoder, and label the held-back sentences, starting from raw text."
    )
    metric = "accuracy"
    margin = 0.01
    sizes: ClassVar[dict[str, dict[str, Any]]] = {
        "xs": {"per_class": 20, "pool": 120, "encoder": "hashing"},
        "s": {"per_class": 256, "pool": 2512, "encoder": "minilm"},
        "m": {"per_class": 256, "pool": None, "encoder": "minilm"},
        "full": {"per_class": 256, "pool": None, "encoder": "minilm"},
    }
    default_source = "vader"

    def load(self, source: str, size: str, seed: int) -> HeadProblem:
        """Read, split by text hash and embed; embedding is measured when it is done and then cached."""
        texts, labels, classes = read_labelled(source)
        rung = self.sizes[size]
        splits = split_by_hash(texts, labels, rung["per_class"], seed, rung["pool"])
        found = embed([texts[i] for split in splits for i in split], rung["encoder"])
        ends = np.cumsum([len(split) for split in splits])[:-1]
        parts = [
            Part(vectors, np.array([labels[i] for i in split], dtype=np.int64))
            for vectors, split in zip(np.split(found.vectors, ends), splits, strict=True)
        ]
        train, validation, test = parts
        found_at = (found.energy, found.seconds)
        return HeadProblem(self.name, source, size, seed, train, validation, test, *found_at, classes)

    def validate(self, problem: HeadProblem, solution: Solution[HeadAnswer]) -> Quality:
        """Return balanced accuracy on the validation part, ties broken by the mean margin."""
        answer = solution.answer
        labels = problem.validation.labels
        signed = np.tanh(answer.validation) * (2 * labels - 1)
        return Quality(balanced_accuracy(answer.validation, labels) + 1e-3 * float(signed.mean()))

    def score(self, problem: HeadProblem, solution: Solution[HeadAnswer]) -> Quality:
        """Return accuracy on the test part, balanced accuracy, and the head's own diagnostics."""
        answer = solution.answer
        assert answer.test is not None, "the head was not applied"
        labels = problem.test.labels
        extras = {
            "balanced_accuracy": balanced_accuracy(answer.test, labels),
            "validation_accuracy": accuracy(answer.validation, problem.validation.labels),
            "parameters": answer.parameters,
            "test_sentences": len(problem.test),
        }
        return Quality(accuracy(answer.test, labels), extras | answer.diagnostics(problem.test))

    def export(self, problem: HeadProblem, solution: Solution[HeadAnswer], folder: Path) -> list[Path]:
        """Write nothing: a fitted head is not data yet."""
        return []


def accuracy(scores: NDArray[np.float64], labels: Labels) -> float:
    """Return the share of sentences whose score has the label's sign."""
    return float(((scores > 0) == labels).mean())


def balanced_accuracy(scores: NDArray[np.float64], labels: Labels) -> float:
    """Return the mean over both classes of the share that is labelled right."""
    right = (scores > 0) == labels
    return float(np.mean([right[labels == c].mean() for c in (0, 1) if (labels == c).any()]))
