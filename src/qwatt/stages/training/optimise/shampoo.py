"""Shampoo: the classical natural gradient of matrices, with Kronecker factors (arXiv:1802.09568)."""

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
"""Longest dimension with a factor of its own."""
_BLOCK = 128
"""Rows and columns of a block of a larger matrix; each has a preconditioner of its own."""


@method
class Shampoo(BackpropMethod):
    """Kronecker factors of the empirical Fisher matrix, whose inverse roots precondition; size as SGD's."""

    name = "shampoo"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1802.09568", "arXiv:2002.09018")
    space = {"rate": (1.0, 0.5, 2.0, 0.25), "refresh": (10, 30)}
    usual: ClassVar[Mapping[str, float]] = {"circuit": 0.2, "decoder": 0.2}

    def optimisers(self, named: Named, rate: float, settings: Settings) -> list[torch.optim.Optimizer]:
        """Return the library's scalable Shampoo."""
        return [
            pytorch_optimizer.ScalableShampoo(
                [values for _, values in named],
                lr=rate,
                start_preconditioning_step=5,
                preconditioning_compute_steps=int(settings["refresh"]),
                block_size=_BLOCK,
                no_preconditioning_for_layers_with_dim_gt=_LONGEST,
            )
        ]
