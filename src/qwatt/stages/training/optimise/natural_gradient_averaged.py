"""Quantum natural gradient with the whole metric averaged over the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.registry import method
from qwatt.stages.training.optimise.natural_gradient_full import NaturalGradientFull

if TYPE_CHECKING:
    import torch


@method
class NaturalGradientAveraged(NaturalGradientFull):
    """The mean of the whole metric over two more sentences at every refresh, all of them counting alike."""

    name = "natural-gradient-averaged"
    sources = ("arXiv:1909.02108", "arXiv:2008.06517")
    metric_sentences: ClassVar[int | None] = 2

    def joined(self, before: list[torch.Tensor], found: torch.Tensor, refreshes: int) -> torch.Tensor:
        """Return the mean of all metrics so far."""
        return (before[0] * refreshes + found) / (refreshes + 1) if before else found
