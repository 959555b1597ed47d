"""Control: stochastic gradient descent with momentum, the least that an optimiser can be."""

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
class Sgd(BackpropMethod):
    """Gradient descent with heavy-ball momentum, on exact gradients."""

    name = "sgd"
    kind = Kind.CONTROL
    sources = ("Polyak 1964",)
    space = {"rate": (1.0, 0.5, 2.0, 0.25), "momentum": (0.9, 0.0)}
    usual: ClassVar[Mapping[str, float]] = {"circuit": 0.3, "decoder": 0.3}

    def optimisers(self, named: Named, rate: float, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return one SGD for all weights."""
        weights = [values for _, values in named]
        return [torch.optim.SGD(weights, lr=rate, momentum=float(settings["momentum"]))]
