"""Gradients by parameter shift, and AdamW on them: the optimiser of most quantum models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.lazy import lazy
from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.quantum.primitives import expectation, gradient
from qwatt.stages.training.optimise.adamw import adamw
from qwatt.stages.training.optimise.batches import Batch
from qwatt.stages.training.optimise.classifier import CircuitClassifier
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.qpu import CONTROLS, QpuOptimiser, Step

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class ParameterShift(QpuOptimiser):
    """AdamW on gradients that take two circuits an angle and sentence, and one a sentence for the loss."""

    name = "parameter-shift"
    sources = ("arXiv:1803.00745", "arXiv:1811.11184", "arXiv:1711.05101")
    companions = (*CONTROLS, "parameter-shift-sgd")
    space = {"learning_rate": (0.1, 0.3, 0.03, 0.01), "beta2": (0.99, 0.95)}

    def descent(self, measured: Measured, settings: Settings, rng: np.random.Generator) -> Step:
        """Return a step of AdamW."""
        moving = torch.nn.Parameter(torch.zeros(measured.model.shape))
        rate = float(settings["learning_rate"])
        optimiser = adamw([("weights", moving)], rate, float(settings["beta2"]))

        def step(weights: torch.Tensor, batch: Batch, number: int, factor: float) -> torch.Tensor:
            moving.data, moving.grad = weights.clone(), measured.gradient(weights, batch)
            optimiser.param_groups[0]["lr"] = rate * factor
            optimiser.step()
            return moving.data

        return step

    def step_demand(
        self, model: CircuitClassifier, settings: Settings, step: int, sentences: int, shots: int | None
    ) -> Demand:
        """Bill the loss and its gradient."""
        return gradient_demand(model, sentences, shots)


def gradient_demand(model: CircuitClassifier, sentences: int, shots: int | None) -> Demand:
    """Return the bill of one gradient: Z itself for the chain rule, and two shifts an angle."""
    circuit = model.circuit
    return expectation.demand(circuit, sentences, shots) + gradient.demand(circuit, sentences, shots)
