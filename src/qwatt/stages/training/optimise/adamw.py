"""AdamW: the optimiser to beat (arXiv:1711.05101)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.language.decoder.optimiser import Named
from qwatt.stages.training.optimise.backprop import BackpropMethod

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")


@method
class AdamW(BackpropMethod):
    """Adam with decoupled weight decay, on exact gradients."""

    name = "adamw"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1711.05101",)
    space = {"rate": (1.0, 0.5, 2.0, 0.25), "beta2": (0.99, 0.95)}

    usual: ClassVar[Mapping[str, float]] = {"circuit": 0.1, "separable": 0.1, "mlp": 0.03, "decoder": 0.006}

    def optimisers(self, named: Named, rate: float, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return one AdamW for all weights."""
        return [adamw(named, rate, float(settings["beta2"]))]


def adamw(named: Named, rate: float, beta2: float) -> torch.optim.Optimizer:
    """Return AdamW without weight decay, as the loss alone is to be lowered."""
    weights = [values for _, values in named]
    return torch.optim.AdamW(weights, lr=rate, betas=(0.9, beta2), weight_decay=0.0)
