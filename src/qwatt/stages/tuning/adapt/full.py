"""Full fine-tuning: all weights are trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.method import AdaptMethod
from qwatt.stages.tuning.adapt.settings import Setup, rates

if TYPE_CHECKING:
    import torch


class Everything(Adapter):
    """All weights of a decoder.

    Args:
        model: the decoder.
    """

    def __init__(self, model: Any) -> None:
        self._weights = list(model.requires_grad_(True).parameters())

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return all weights, tied ones once."""
        return self._weights

    def merge(self) -> None:
        """The weights are changed already."""


@method
class Full(AdaptMethod):
    """The reference: what can be had at the price of training, keeping and storing every weight."""

    name = "full"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1801.06146 (fine-tuning of a language model on the target's text)",)
    space = rates(3e-3, 1e-2, 1e-3, 3e-2)
    backward_passes: ClassVar[float] = 2.0
    kernels: ClassVar[float] = 0.0

    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Let all weights be trained."""
        return Everything(setup.pretrained.model)
