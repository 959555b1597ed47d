"""Quantum natural gradient with the whole metric of one sentence, from overlaps (arXiv:2008.06517)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.demand import Demand
from qwatt.core.registry import method
from qwatt.quantum.primitives import metric
from qwatt.stages.training.optimise.classifier import CircuitClassifier
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.natural_gradient import NaturalGradient

if TYPE_CHECKING:
    import torch


@method
class NaturalGradientFull(NaturalGradient):
    """The metric with all its correlations, P (2 P - 1) overlaps, on the first sentence of a batch."""

    name = "natural-gradient-full"
    sources = ("arXiv:1909.02108", "arXiv:2008.06517")
    metric_sentences: ClassVar[int | None] = 1

    def metric(self, measured: Measured, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Measure every entry."""
        return measured.metric(x, weights)

    def metric_demand(self, model: CircuitClassifier, sentences: int, shots: int | None) -> Demand:
        """Bill P (2 P - 1) overlaps a sentence."""
        return metric.demand(model.circuit, model.parameters, sentences, shots)
