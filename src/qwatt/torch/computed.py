"""Weights that are computed from frozen ones, in a model that does not know it; and made plain again."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

Compute = Callable[[Tensor], Tensor]
"""From a frozen weight, outputs first, to the one that is used."""


class Computed(nn.Module):
    """A parametrization of torch whose numbers live elsewhere.

    Args:
        compute: makes the weight that is used.
        flipped: whether the module keeps its weight with inputs first.
    """

    def __init__(self, compute: Compute, flipped: bool = False) -> None:
        super().__init__()
        self._compute, self._flipped = compute, flipped

    def forward(self, weight: Tensor) -> Tensor:
        """Return the weight that is used."""
        return self._compute(weight.T).T if self._flipped else self._compute(weight)


def compute_weight(part: nn.Module, compute: Compute, flipped: bool = False) -> None:
    """Let a module compute its weight from the frozen one, anew each time it is used."""
    parametrize.register_parametrization(part, "weight", Computed(compute, flipped), unsafe=True)


def keep_weight(part: nn.Module) -> None:
    """Make what is computed now the module's plain weight."""
    with torch.no_grad():
        parametrize.remove_parametrizations(part, "weight", leave_parametrized=True)
