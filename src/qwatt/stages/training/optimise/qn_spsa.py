"""Quantum natural SPSA: SPSA divided by a running estimate of the metric (arXiv:2103.09232)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.demand import Demand
from qwatt.core.lazy import lazy
from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.quantum.primitives import perturbation
from qwatt.stages.training.optimise.batches import Batch
from qwatt.stages.training.optimise.classifier import CircuitClassifier
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.qpu import CONTROLS
from qwatt.stages.training.optimise.spsa import SpsaOptimiser

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.algorithms import spsa
else:
    torch, spsa = lazy("torch"), lazy("qwatt.quantum.algorithms.spsa")


@method
class QnSpsaOptimiser(SpsaOptimiser):
    """Two losses and one metric sample of four overlaps a step, on one sentence of the batch."""

    name = "qn-spsa"
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2103.09232",)
    companions: ClassVar[tuple[str, ...]] = (*CONTROLS, "spsa", "random-search")
    space = {"learning_rate": (0.01, 0.03, 0.003, 0.1), "perturbation": (0.1, 0.3)}

    def mover(self, measured: Measured, now: list[Batch], size: float, seed: int) -> spsa.Spsa:
        """Return what moves the weights; its metric is of the batch's first sentence."""

        def overlaps(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
            return measured.fidelities(now[0].x[:1], first, second)

        return spsa.QnSpsa(lambda w: measured.losses(w, now[0]), overlaps, perturbation=size, seed=seed)

    def step_demand(
        self, model: CircuitClassifier, settings: Settings, step: int, sentences: int, shots: int | None
    ) -> Demand:
        """Bill two losses and four overlaps."""
        return perturbation.natural_demand(model.circuit, sentences, 1, shots)
