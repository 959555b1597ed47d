"""SOAP: Adam in the eigenbasis of Shampoo's preconditioner (arXiv:2409.11321)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind, Settings
from qwatt.core.registry import method
from qwatt.language.decoder.optimiser import Named
from qwatt.stages.training.optimise.backprop import BackpropMethod

if TYPE_CHECKING:
    import pytorch_optimizer
    import torch
else:
    torch, pytorch_optimizer = lazy("torch"), lazy("pytorch_optimizer")


@method
class Soap(BackpropMethod):
    """The library's SOAP for all weights; the eigenbasis is found anew every so many steps."""

    name = "soap"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2409.11321",)
    space = {"learning_rate": (0.006, 0.1, 0.02, 0.3), "refresh": (10, 30)}

    def optimisers(self, named: Named, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return one SOAP; dimensions that are too long for an eigenbasis keep Adam's."""
        return [
            pytorch_optimizer.SOAP(
                [values for _, values in named],
                lr=float(settings["learning_rate"]),
                weight_decay=0.0,
                precondition_frequency=int(settings["refresh"]),
                max_precondition_dim=_LONGEST,
            )
        ]


_LONGEST = 1024
