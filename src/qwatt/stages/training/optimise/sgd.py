"""Control: stochastic gradient descent with momentum, the least that an optimiser can be."""

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
class Sgd(BackpropMethod):
    """Gradient descent with heavy-ball momentum, on exact gradients."""

    name = "sgd"
    kind = Kind.CONTROL
    sources = ("Polyak 1964",)
    space = {"learning_rate": (0.1, 0.3, 0.03, 1.0), "momentum": (0.9, 0.0)}

    def optimisers(self, named: Named, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return one SGD for all weights."""
        weights = [values for _, values in named]
        rate, momentum = float(settings["learning_rate"]), float(settings["momentum"])
        return [torch.optim.SGD(weights, lr=rate, momentum=momentum)]
