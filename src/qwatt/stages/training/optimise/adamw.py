"""AdamW: the optimiser to beat (arXiv:1711.05101)."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    space = {"learning_rate": (0.006, 0.1, 0.02, 0.3), "beta2": (0.99, 0.95)}

    def optimisers(self, named: Named, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return one AdamW for all weights."""
        return [adamw(named, settings)]


def adamw(named: Named, settings: Settings) -> torch.optim.Optimizer:
    """Return AdamW without weight decay, the loss alone is to be lowered."""
    betas = (0.9, float(settings["beta2"]))
    weights = [values for _, values in named]
    return torch.optim.AdamW(weights, lr=float(settings["learning_rate"]), betas=betas, weight_decay=0.0)
