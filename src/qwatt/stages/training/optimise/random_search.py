"""Control: a random move that is kept where the batch's loss falls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.primitives import perturbation
from qwatt.stages.training.optimise.batches import Batch
from qwatt.stages.training.optimise.classifier import CircuitClassifier
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.qpu import QpuOptimiser, Step

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class RandomSearch(QpuOptimiser):
    """Two losses a step as SPSA, without a slope: shows what the direction is worth."""

    name = "random-search"
    kind = Kind.CONTROL
    sources = ("(1+1) evolution strategy, Rechenberg 1973",)
    space = {"learning_rate": (0.1, 0.03, 0.3, 0.01), "falls": (True, False)}

    def descent(self, measured: Measured, settings: Settings, rng: np.random.Generator) -> Step:
        """Return a step that is taken or not."""
        rate, falls = float(settings["learning_rate"]), bool(settings["falls"])

        def step(weights: torch.Tensor, batch: Batch, number: int, factor: float) -> torch.Tensor:
            size = rate * factor if falls else rate
            move = torch.as_tensor(rng.normal(0.0, size, weights.shape)).to(weights)
            here, there = measured.losses(torch.stack([weights, weights + move]), batch)
            return weights + move if there < here else weights

        return step

    def step_demand(
        self, model: CircuitClassifier, settings: Settings, step: int, sentences: int, shots: int | None
    ) -> Demand:
        """Bill two losses."""
        return perturbation.demand(model.circuit, sentences, 1, shots)
