"""SOAP: Adam in the eigenbasis of Shampoo's preconditioner (arXiv:2409.11321)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

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

_LONGEST = 1024
"""Longest dimension with an eigenbasis of its own."""


@method
class Soap(BackpropMethod):
    """The library's SOAP for all weights; the eigenbasis is found anew every so many steps."""

    name = "soap"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2409.11321",)
    space = {"rate": (1.0, 0.5, 2.0, 0.25), "refresh": (10, 30)}
    usual: ClassVar[Mapping[str, float]] = {"circuit": 0.1, "decoder": 0.006}

    def optimisers(self, named: Named, rate: float, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return one SOAP; dimensions that are too long for an eigenbasis keep Adam's."""
        return [
            pytorch_optimizer.SOAP(
                [values for _, values in named],
                lr=rate,
                weight_decay=0.0,
                precondition_frequency=int(settings["refresh"]),
                max_precondition_dim=_LONGEST,
            )
        ]
