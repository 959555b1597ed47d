"""Simultaneous perturbation: a gradient along one random direction, from two circuits a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

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
class SpsaOptimiser(QpuOptimiser):
    """SPSA whose rate falls as every method's does, and its perturbation as step^-0.101 (Spall 1998)."""

    name = "spsa"
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1109/9.119632", "doi:10.1109/7.705889")
    companions: ClassVar[tuple[str, ...]] = (*CONTROLS, "random-search")
    space = {"learning_rate": (0.1, 0.03, 0.3, 0.01), "perturbation": (0.1, 0.3)}

    def descent(self, measured: Measured, settings: Settings, rng: np.random.Generator) -> Step:
        """Return a step on the batch's loss."""
        now, rate = list[Batch](), float(settings["learning_rate"])
        moving = self.mover(measured, now, float(settings["perturbation"]), int(rng.integers(2**31)))

        def step(weights: torch.Tensor, batch: Batch, number: int, factor: float) -> torch.Tensor:
            now[:] = [batch]
            moving.learning_rate = rate * factor
            return moving.step(weights)

        return step

    def mover(self, measured: Measured, now: list[Batch], size: float, seed: int) -> spsa.Spsa:
        """Return what moves the weights; `now` holds the batch of the step."""
        return spsa.Spsa(lambda w: measured.losses(w, now[0]), perturbation=size, alpha=0.0, seed=seed)

    def step_demand(
        self, model: CircuitClassifier, settings: Settings, step: int, sentences: int, shots: int | None
    ) -> Demand:
        """Bill two losses."""
        return perturbation.demand(model.circuit, sentences, 1, shots)
