"""Scores a code: how exact its inner products are, and whether they find the nearest vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.problem import Quality
from qwatt.core.registry import get_backend, get_method
from qwatt.stages.encoding.load.method import LoadMethod
from qwatt.stages.encoding.load.problem import TASK, LoadAnswer, LoadProblem, Similarities, Vectors

ALLOWED_RMSE = 0.02
NEIGHBOURS = 10
GOAL = 0.975
"""What a setting must reach on the validation queries, half-way to 1, so that others reach 0.95 too."""


def true_similarities(queries: Vectors, stored: Vectors) -> Similarities:
    """Return exact inner products, shape (queries, vectors)."""
    return np.asarray(queries.astype(np.float64) @ stored.astype(np.float64).T)


def rmse(found: Similarities, true: Similarities) -> float:
    """Return the root mean squared error over all pairs."""
    return float(np.sqrt(((found - true) ** 2).mean()))


def recall(found: Similarities, true: Similarities, neighbours: int = NEIGHBOURS) -> float:
    """Return the share of the first `neighbours` that are truly no farther than the last of the nearest.

    Vectors that are equally near are equally right.
    """
    count = min(neighbours, true.shape[1])
    chosen = np.argpartition(-found, count - 1, axis=1)[:, :count]
    last = np.sort(true, axis=1)[:, -count]
    return float((np.take_along_axis(true, chosen, axis=1) >= last[:, None] - 1e-7).mean())


def combined(found: Similarities, true: Similarities) -> float:
    """Return recall@10, scaled down by how far the RMSE is above what is allowed."""
    return recall(found, true) * min(1.0, ALLOWED_RMSE / max(rmse(found, true), 1e-300))


def validation_quality(problem: LoadProblem, answer: LoadAnswer) -> Quality:
    """Return the quality on the validation queries; of settings beyond the goal, fewest bytes read wins."""
    value = combined(answer.validation, true_similarities(problem.validation, problem.stored))
    return Quality(value if value < GOAL else GOAL + 1e-3 / (1.0 + answer.code.bytes_read))


def held_back_quality(problem: LoadProblem, answer: LoadAnswer) -> Quality:
    """Return the quality on the held-back queries, and what the code takes; of circuits also without shots.

    Raises:
        QwattError: the code was not applied.
    """
    if answer.test is None:
        raise QwattError("the code was not applied to the held-back queries")
    true = true_similarities(problem.test, problem.stored)
    code, vectors = answer.code, len(problem.stored)
    extras: dict[str, Any] = {
        "recall_at_10": recall(answer.test, true),
        "rmse": rmse(answer.test, true),
        "bytes_per_vector": code.bytes_kept / vectors,
        "compression": 4.0 * problem.dimensions * vectors / max(code.bytes_kept, 1),
        "bytes_read_per_similarity": code.bytes_read,
        "vectors": vectors,
        "dimensions": problem.dimensions,
        "queries": len(problem.test),
    }
    if "fidelity" in code.config:
        extras["fidelity"] = code.config["fidelity"]
    method = get_method(TASK, code.method)
    if isinstance(method, LoadMethod):
        extras |= method.further(code)
    if isinstance(method, LoadMethod) and method.reads_circuits:
        exact = method.compare(code, problem.test, Unmetered(get_backend("engine")))
        extras |= {"recall_at_10_exact": recall(exact, true), "rmse_exact": rmse(exact, true)}
    return Quality(combined(answer.test, true), extras)
