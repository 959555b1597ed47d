"""Gradient descent by parameter shift: what published gains of natural gradients are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.lazy import lazy
from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.stages.training.optimise.batches import Batch
from qwatt.stages.training.optimise.classifier import CircuitClassifier
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.parameter_shift import gradient_demand
from qwatt.stages.training.optimise.qpu import CONTROLS, QpuOptimiser, Step

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class ParameterShiftSgd(QpuOptimiser):
    """Gradient descent with heavy-ball momentum: the metric replaced by the identity."""

    name = "parameter-shift-sgd"
    sources = ("arXiv:1811.11184",)
    companions = CONTROLS
    space = {"learning_rate": (1.0, 0.3, 3.0, 0.1), "momentum": (0.0, 0.9)}

    def descent(self, measured: Measured, settings: Settings, rng: np.random.Generator) -> Step:
        """Return a step along the gradient."""
        rate, momentum = float(settings["learning_rate"]), float(settings["momentum"])
        velocity = torch.zeros(measured.model.shape)

        def step(weights: torch.Tensor, batch: Batch, number: int, factor: float) -> torch.Tensor:
            velocity.mul_(momentum).add_(measured.gradient(weights, batch))
            return weights - rate * factor * velocity

        return step

    def step_demand(
        self, model: CircuitClassifier, settings: Settings, step: int, sentences: int, shots: int | None
    ) -> Demand:
        """Bill the loss and its gradient."""
        return gradient_demand(model, sentences, shots)
