"""Batches of sentences: epochs of shuffled sentences, the same for every method of a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.training.optimise.features import angles_of
from qwatt.stages.training.optimise.problem import Array, CircuitProblem

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


class Batch(NamedTuple):
    """Sentences of a step: angles (batch, wires) and labels (batch,)."""

    x: torch.Tensor
    labels: torch.Tensor


def batches(problem: CircuitProblem, features: Mapping[str, Array]) -> Iterator[Batch]:
    """Yield batches of the training part without end."""
    x = angles_of(features, problem.train)
    labels = torch.as_tensor(problem.train.labels)
    rng, size = np.random.default_rng([problem.seed, 12]), batch_size(problem)
    while True:
        order = torch.as_tensor(rng.permutation(len(x)))
        for at in range(0, len(x) - size + 1, size):
            yield Batch(x[order[at : at + size]], labels[order[at : at + size]])


def batch_size(problem: CircuitProblem) -> int:
    """Return the sentences of a step: all where there are fewer."""
    return min(problem.circuit.batch, len(problem.train))
