"""Scores a network: accuracy on rows that it has not seen."""

from __future__ import annotations

import numpy as np

from qwatt.core.problem import Quality, Solution
from qwatt.stages.training.weights.network import cross_entropy, logits
from qwatt.stages.training.weights.problem import Floats, Labels, Part, WeightsAnswer, WeightsProblem


def validation_quality(problem: WeightsProblem, answer: WeightsAnswer) -> Quality:
    """Return accuracy less a thousandth of the loss, which breaks ties, on the validation part.

    Where there is none it is that of the training part.
    """
    part = problem.validation if len(problem.validation) else problem.train
    right, loss = _scored(problem, answer, part)
    return Quality(right - 1e-3 * float(np.tanh(loss)))


def held_back_quality(problem: WeightsProblem, solution: Solution[WeightsAnswer]) -> Quality:
    """Return accuracy on the test part with further metrics."""
    answer = solution.answer
    right, loss = _scored(problem, answer, problem.test)
    train_right, train_loss = _scored(problem, answer, problem.train)
    extras = {
        "test_loss": loss,
        "train_accuracy": train_right,
        "train_loss": train_loss,
        "objective": answer.curve[-1],
        "loss_evaluations": solution.counters.get("loss_evaluations"),
        "curve": list(answer.curve),
        "parameters": sum(matrix.size for matrix in answer.weights),
        "classes": len(problem.classes),
        "test_rows": len(problem.test),
    }
    return Quality(right, extras)


def predicted(answer: WeightsAnswer, x: Floats) -> Labels:
    """Return the class of each row, shape (rows,)."""
    return np.asarray(logits(answer.weights, x).argmax(axis=1), dtype=np.int64)


def _scored(problem: WeightsProblem, answer: WeightsAnswer, part: Part) -> tuple[float, float]:
    """Return accuracy, and cross-entropy in nats, on a part."""
    outputs = logits(answer.weights, problem.inputs(part))
    return float((outputs.argmax(axis=1) == part.labels).mean()), float(cross_entropy(outputs.T, part.labels))
