"""Scores a head: accuracy, and what several classes and several read-outs of a circuit add to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.problem import Quality
from qwatt.core.registry import get_backend, get_method
from qwatt.quantum.backends.noisy import AUTO_DENSITY_WIRES
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import TASK, HeadAnswer, HeadProblem, Labels, Scores, Vectors

NOISY_BACKEND = "noisy:ibm_boston"


def validation_quality(problem: HeadProblem, answer: HeadAnswer) -> Quality:
    """Return balanced accuracy on the validation part, ties broken by the mean margin."""
    labels = problem.validation.labels
    rows = np.arange(len(labels))
    others = answer.validation.copy()
    others[rows, labels] = -np.inf
    margins = answer.validation[rows, labels] - others.max(axis=1)
    return Quality(balanced_accuracy(answer.validation, labels) + 1e-3 * float(np.tanh(margins).mean()))


def held_back_quality(problem: HeadProblem, answer: HeadAnswer) -> Quality:
    """Return accuracy on the test part with further metrics; a head of circuits is read out in other ways.

    Raises:
        QwattError: the head was not applied.
    """
    if answer.test is None:
        raise QwattError("the head was not applied to the test part")
    labels = problem.test.labels
    confusion = confusion_matrix(answer.test, labels)
    extras: dict[str, Any] = {
        "balanced_accuracy": balanced_accuracy(answer.test, labels),
        "auc": area_under_curve(answer.test, labels),
        "macro_f1": macro_f1(confusion),
        "validation_accuracy": accuracy(answer.validation, problem.validation.labels),
        "parameters": answer.model.parameters,
        "classes": len(problem.classes),
        "test_sentences": len(problem.test),
        "of_table": problem.scale is not None,
        "confusion": confusion.tolist(),
    }
    if "final_loss" in answer.model.config:
        extras["final_loss"] = answer.model.config["final_loss"]
    method = get_method(TASK, answer.model.method)
    if isinstance(method, HeadMethod) and method.reads_circuits:
        extras |= other_readouts(method, answer.model, problem.test.vectors, labels)
    return Quality(accuracy(answer.test, labels), extras)


def predicted(scores: Scores) -> Labels:
    """Return the class with the largest score, the first of equals; shape (sentences,)."""
    return np.asarray(scores.argmax(axis=1), dtype=np.int64)


def accuracy(scores: Scores, labels: Labels) -> float:
    """Return the share of sentences that are labelled right."""
    return float((predicted(scores) == labels).mean())


def balanced_accuracy(scores: Scores, labels: Labels) -> float:
    """Return the mean over the classes that occur of the share that is labelled right."""
    right = predicted(scores) == labels
    return float(np.mean([right[labels == c].mean() for c in np.unique(labels)]))


def area_under_curve(scores: Scores, labels: Labels) -> float | None:
    """Return the chance that a sample of a class scores above one of the others, ties counted half.

    Of two classes the score is that of the second over the first; of more it is each class's over the best
    other's, and the mean over the classes is returned. None where only one class occurs.
    """
    kinds = [1] if scores.shape[1] == 2 else range(scores.shape[1])
    areas = []
    for c in kinds:
        own, others = scores[:, c], np.delete(scores, c, axis=1).max(axis=1)
        inside, outside = (own - others)[labels == c], (own - others)[labels != c]
        if len(inside) and len(outside):
            below = np.searchsorted(np.sort(outside), inside, side="left")
            level = np.searchsorted(np.sort(outside), inside, side="right")
            areas.append(float((below + level).mean()) / (2.0 * len(outside)))
    return float(np.mean(areas)) if areas else None


def confusion_matrix(scores: Scores, labels: Labels) -> NDArray[np.int64]:
    """Return counts, shape (classes, classes): rows are true classes, columns predicted ones."""
    found = np.zeros((scores.shape[1], scores.shape[1]), dtype=np.int64)
    np.add.at(found, (labels, predicted(scores)), 1)
    return found


def macro_f1(confusion: NDArray[np.int64]) -> float:
    """Return the mean F1 over the classes that occur or are predicted."""
    both = confusion.sum(axis=0) + confusion.sum(axis=1)
    f1 = 2.0 * confusion.diagonal()[both > 0] / both[both > 0]
    return float(f1.mean())


def other_readouts(method: HeadMethod, model: HeadModel, vectors: Vectors, labels: Labels) -> dict[str, Any]:
    """Return accuracy with exact expectation values, and on the first sentences with a QPU's noise.

    Both are computed from the saved head and charged to nobody: they are extra rows, not the trial's work.
    """
    shots = model.config.get("shots")
    exact = method.decide(model, vectors, Unmetered(get_backend("engine")))
    found: dict[str, Any] = {
        "accuracy_exact": accuracy(exact, labels),
        "balanced_accuracy_exact": balanced_accuracy(exact, labels),
    }
    few = slice(0, method.noisy_sentences)
    if reason := _too_long(method, model):
        return found | {"accuracy_noisy": None, "noisy_reason": reason}
    try:
        noisy = method.decide(model, vectors[few], Unmetered(get_backend(NOISY_BACKEND), shots))
    except QwattError as error:
        return found | {"accuracy_noisy": None, "noisy_reason": str(error)}
    return found | {
        "accuracy_noisy": accuracy(noisy, labels[few]),
        "balanced_accuracy_noisy": balanced_accuracy(noisy, labels[few]),
        "accuracy_exact_same_sentences": accuracy(exact[few], labels[few]),
        "noisy_backend": NOISY_BACKEND,
        "noisy_sentences": len(labels[few]),
    }


def _too_long(method: HeadMethod, model: HeadModel) -> str:
    """Return why noise is not simulated beside a trial, empty where it is."""
    if not method.noisy_sentences:
        return "a circuit for each pair of sentences takes too long to simulate with noise"
    wires = method.circuit_wires(model)
    if wires > AUTO_DENSITY_WIRES:
        return f"{wires} noisy wires take a second or more a sentence; --backend {NOISY_BACKEND} reads all"
    return ""
