"""Quantum natural SPSA: SPSA divided by a running estimate of the metric (arXiv:2103.09232)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.demand import Demand
from qwatt.core.lazy import lazy
from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.quantum.primitives import perturbation
from qwatt.stages.training.optimise.batches import Batch
from qwatt.stages.training.optimise.classifier import CircuitClassifier
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.qpu import CONTROLS, QpuOptimiser, Step

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.algorithms import spsa
else:
    torch, spsa = lazy("torch"), lazy("qwatt.quantum.algorithms.spsa")


@method
class QnSpsaOptimiser(QpuOptimiser):
    """Two losses and one metric sample of four overlaps a step, on one sentence of the batch."""

    name = "qn-spsa"
    sources = ("arXiv:2103.09232",)
    companions = (*CONTROLS, "spsa", "random-search")
    space = {"learning_rate": (0.01, 0.03, 0.003, 0.1), "perturbation": (0.1, 0.3)}

    def descent(self, measured: Measured, settings: Settings, rng: np.random.Generator) -> Step:
        """Return a step of QN-SPSA on the batch's loss."""
        rate, size = float(settings["learning_rate"]), float(settings["perturbation"])
        seed = int(rng.integers(2**31))

        def overlaps(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
            return measured.fidelities(now[0].x[:1], first, second)

        moving = spsa.QnSpsa(lambda w: measured.losses(w, now[0]), overlaps, rate, size, seed=seed)
        now = list[Batch]()

        def step(weights: torch.Tensor, batch: Batch, number: int, factor: float) -> torch.Tensor:
            now[:] = [batch]
            moving.learning_rate = rate * factor
            return moving.step(weights)

        return step

    def step_demand(
        self, model: CircuitClassifier, settings: Settings, step: int, sentences: int, shots: int | None
    ) -> Demand:
        """Bill two losses and four overlaps."""
        return perturbation.natural_demand(model.circuit, sentences, 1, shots)
