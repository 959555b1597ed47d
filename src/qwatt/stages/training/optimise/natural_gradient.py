"""Quantum natural gradient with the block-diagonal metric (arXiv:1909.02108)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.lazy import lazy
from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.quantum.primitives import expectation
from qwatt.stages.training.optimise.batches import Batch
from qwatt.stages.training.optimise.classifier import CircuitClassifier
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.parameter_shift import gradient_demand
from qwatt.stages.training.optimise.qpu import CONTROLS, QpuOptimiser, Step

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.algorithms import block_metric, natural_gradient
else:
    torch = lazy("torch")
    block_metric = lazy("qwatt.quantum.algorithms.block_metric")
    natural_gradient = lazy("qwatt.quantum.algorithms.natural_gradient")

REFRESH = 5
"""Steps that one metric serves, as it changes slowly beside the gradient."""


@method
class NaturalGradient(QpuOptimiser):
    """Parameter-shift gradients divided by the metric's blocks, measured on the batch every five steps."""

    name = "natural-gradient"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1909.02108",)
    companions: ClassVar[tuple[str, ...]] = (*CONTROLS, "parameter-shift-sgd", "natural-gradient-elsewhere")
    space = {"learning_rate": (0.3, 0.1, 1.0, 0.03), "regularisation": (0.1, 0.01)}
    metric_sentences: ClassVar[int | None] = None
    """Sentences that one metric is averaged over; None for the whole batch."""

    def metric(self, measured: Measured, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Measure the metric on sentences x, shape (P, P)."""
        return measured.block_metric(x, weights)

    def metric_demand(self, model: CircuitClassifier, sentences: int, shots: int | None) -> Demand:
        """Bill one circuit a block and sentence, each cut off at its block."""
        blocks = block_metric.commuting_blocks(model.circuit)
        return Demand.sum(expectation.demand(block.circuit, sentences, shots) for block in blocks)

    def descent(self, measured: Measured, settings: Settings, rng: np.random.Generator) -> Step:
        """Return a step against the gradient divided by the metric."""
        rate, damping = float(settings["learning_rate"]), float(settings["regularisation"])
        known = list[torch.Tensor]()

        def step(weights: torch.Tensor, batch: Batch, number: int, factor: float) -> torch.Tensor:
            if number % REFRESH == 0:
                found = self.metric(measured, batch.x[: self.metric_sentences], weights)
                known[:] = [self.joined(known, found, number // REFRESH)]
            slope = measured.gradient(weights, batch)
            return natural_gradient.natural_step(weights, slope, known[0], rate * factor, damping)

        return step

    def joined(self, before: list[torch.Tensor], found: torch.Tensor, refreshes: int) -> torch.Tensor:
        """Return the metric to use from the one before, if any, and the one just measured."""
        return found

    def step_demand(
        self, model: CircuitClassifier, settings: Settings, step: int, sentences: int, shots: int | None
    ) -> Demand:
        """Bill the gradient, and the metric where it is measured anew."""
        bill = gradient_demand(model, sentences, shots)
        if step % REFRESH:
            return bill
        return bill + self.metric_demand(model, min(self.metric_sentences or sentences, sentences), shots)
