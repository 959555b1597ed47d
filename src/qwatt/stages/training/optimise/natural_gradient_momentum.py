"""Quantum natural gradient with momentum, as PennyLane's MomentumQNGOptimizer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.core.method import Settings
from qwatt.core.registry import method
from qwatt.stages.training.optimise.batches import Batch
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.natural_gradient import NaturalGradient
from qwatt.stages.training.optimise.qpu import Step

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_REGULARISATION = 0.01


@method
class NaturalGradientMomentum(NaturalGradient):
    """A natural step plus a share of the last move: x + rho (x - x_before) - eta F^-1 grad."""

    name = "natural-gradient-momentum"
    sources = ("arXiv:1909.02108", "arXiv:2409.01978")
    space = {"learning_rate": (0.1, 0.03, 0.3, 0.01), "momentum": (0.9, 0.5)}

    def descent(self, measured: Measured, settings: Settings, rng: np.random.Generator) -> Step:
        """Return a natural step that goes on moving."""
        plain = super().descent(measured, dict(settings) | {"regularisation": _REGULARISATION}, rng)
        momentum, before = float(settings["momentum"]), list[torch.Tensor]()

        def step(weights: torch.Tensor, batch: Batch, number: int, factor: float) -> torch.Tensor:
            moved = plain(weights, batch, number, factor)
            if before:
                moved = moved + momentum * (weights - before[0])
            before[:] = [weights]
            return moved

        return step
