"""The network of arXiv:2504.14568, without biases, tanh inside and softmax at the end; and its loss."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError

Floats = NDArray[np.float32]
Weights = tuple[Floats, ...]
"""One matrix a layer, shape (inputs, units)."""
Labels = NDArray[np.int64]
"""Class of each row, shape (rows,)."""

PENALTY = 1e-3
"""Weight of the sum of squared weights in the objective, as in the program of arXiv:2504.14568."""


def shapes(widths: Sequence[int]) -> list[tuple[int, int]]:
    """Return the shape of every layer's matrix for the widths of inputs, hidden layers and classes."""
    return list(pairwise(widths))


def size(widths: Sequence[int]) -> int:
    """Return the number of weights."""
    return sum(rows * columns for rows, columns in shapes(widths))


def random_weights(widths: Sequence[int], rng: np.random.Generator) -> Weights:
    """Return weights drawn evenly from -1 to 1."""
    return tuple(rng.uniform(-1.0, 1.0, shape).astype(np.float32) for shape in shapes(widths))


def logits(weights: Sequence[NDArray[Any]], x: NDArray[Any]) -> NDArray[Any]:
    """Return the outputs before the softmax, shape (rows, classes)."""
    found = x
    for matrix in weights[:-1]:
        found = np.tanh(found @ matrix)
    return np.asarray(found @ weights[-1])


def cross_entropy(outputs: NDArray[Any], labels: Labels) -> NDArray[np.float64]:
    """Return the mean cross-entropy over rows in nats, shape (...,), of outputs (..., classes, rows).

    With the rows last, the least work is in NumPy's inner loops: ten classes are too few for them.
    """
    most = outputs.max(axis=-2)
    powers = outputs - most[..., None, :]
    np.exp(powers, out=powers)
    spread = np.log(powers.sum(axis=-2)) + most
    places = labels * len(labels) + np.arange(len(labels))
    right = np.take(outputs.reshape(*outputs.shape[:-2], -1), places, axis=-1)
    return np.asarray((spread - right).mean(axis=-1, dtype=np.float64))


def squares(weights: Sequence[NDArray[Any]]) -> float:
    """Return the sum of squared weights."""
    return float(sum(np.square(matrix, dtype=np.float64).sum() for matrix in weights))


def objective(weights: Sequence[NDArray[Any]], x: NDArray[Any], labels: Labels) -> float:
    """Return what every method minimises: cross-entropy and `PENALTY` times the sum of squared weights.

    Raises:
        QwattError: it is no number, as where weights have grown without bound.
    """
    found = float(cross_entropy(logits(weights, x).T, labels)) + PENALTY * squares(weights)
    if not np.isfinite(found):
        raise QwattError(
            f"the loss is {found}: the weights have grown without bound",
            mend="give a lower learning rate, or gain",
        )
    return found
