"""Control: the natural gradient with the metric of other, random angles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.natural_gradient import NaturalGradient

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class NaturalGradientElsewhere(NaturalGradient):
    """The block metric measured where training is not, by as many circuits: is it the metric that helps?"""

    name = "natural-gradient-elsewhere"
    kind = Kind.CONTROL
    sources = ("control of arXiv:1909.02108",)
    companions = ()

    def metric(self, measured: Measured, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Measure the blocks at angles drawn anew."""
        drawn = torch.as_tensor(measured.context.rng.uniform(-torch.pi, torch.pi, weights.shape))
        return measured.block_metric(x, drawn.to(weights))
