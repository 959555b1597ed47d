"""A small perceptron on scikit-learn's handwritten digits: trainings of half a second, without network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.architecture.search.declared import declared_space
from qwatt.stages.architecture.search.trainings.live import Training

if TYPE_CHECKING:
    import torch
    from sklearn import datasets
else:
    torch, datasets = lazy("torch"), lazy("sklearn.datasets")

STEPS = 600
"""Optimiser steps of a full training."""
ABOUT = (
    "A perceptron with one hidden layer on 900 handwritten digits of scikit-learn, 600 steps; "
    "losses on 450 and 447 others."
)
_SPLIT_SEED = 64
_PARTS = (900, 450)

SPACE = {
    "learning_rate": {"log": [3e-4, 3e-1], "levels": 7},
    "width": {"order": [8, 16, 32, 64]},
    "batch": {"order": [16, 64]},
    "optimiser": {"choice": ["adamw", "sgd"]},
}


def training() -> Training:
    """Return the training function with its space."""
    space = declared_space(SPACE, "digits")
    return Training("digits", train, space, frozenset({"budget", "seed"}), "nats per digit", ABOUT, 1 / STEPS)


def train(settings: Mapping[str, Any], budget: float, seed: int) -> dict[str, float]:
    """Train a perceptron with one hidden layer; the rate falls linearly to 0 over the training.

    Args:
        settings: a point of `SPACE`.
        budget: share of `STEPS`.
        seed: of weights and batches.

    Returns:
        Cross-entropy in nats on 450 validation digits (`loss`) and on 447 others (`held_back`).
    """
    fit, validation, test = _data()
    generator = torch.Generator().manual_seed(seed)
    model = _model(64, int(settings["width"]), generator)
    name, rate = settings["optimiser"], float(settings["learning_rate"])
    optimiser = (
        torch.optim.AdamW(model.parameters(), lr=rate)
        if name == "adamw"
        else torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    )
    steps = max(1, round(STEPS * budget))
    loss_of = torch.nn.functional.cross_entropy
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * (1 - step / steps)
        rows = torch.randint(len(fit[1]), (int(settings["batch"]),), generator=generator)
        optimiser.zero_grad()
        loss_of(model(fit[0][rows]), fit[1][rows]).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    with torch.no_grad():
        losses = [float(loss_of(model(x), y)) for x, y in (validation, test)]
    return {"loss": losses[0], "held_back": losses[1]}


def _model(inputs: int, width: int, generator: torch.Generator) -> torch.nn.Sequential:
    """Return a perceptron with weights from N(0, 1 / fan-in)."""
    model = torch.nn.Sequential(torch.nn.Linear(inputs, width), torch.nn.GELU(), torch.nn.Linear(width, 10))
    with torch.no_grad():
        for parameter in model.parameters():
            spread = parameter.shape[-1] ** -0.5 if parameter.ndim > 1 else 0.0
            parameter.copy_(spread * torch.randn(parameter.shape, generator=generator))
    return model


@cache
def _data() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return pixels in 0..1 and digits, in three parts that are the same for every seed."""
    found = datasets.load_digits()
    order = np.random.default_rng(_SPLIT_SEED).permutation(len(found.target))
    parts = np.split(order, np.cumsum(_PARTS))
    return [
        (torch.tensor(found.data[rows] / 16.0, dtype=torch.float32), torch.tensor(found.target[rows]))
        for rows in parts
    ]
