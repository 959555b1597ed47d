"""LoRA: a trained low-rank update beside each frozen matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.peft_adapter import PeftMethod
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import peft
else:
    peft = lazy("peft")


class LoraFamily(PeftMethod):
    """Base of what peft builds from its LoRA.

    Class attributes:
        scale: alpha over rank; the learning rate is tuned beside it.
        options: what makes the variant.
    """

    scale: ClassVar[float] = 2.0
    options: ClassVar[Mapping[str, Any]] = {}

    def config(self, options: Mapping[str, Any], setup: Setup) -> Any:
        """Return the variant's configuration at the rank."""
        flipped = any(matrix.flipped for matrix in setup.pretrained.matrices)
        alpha = self.alpha(setup.rank)
        every: dict[str, Any] = {**options, **self.options}
        return peft.LoraConfig(r=setup.rank, lora_alpha=alpha, fan_in_fan_out=flipped, **every)

    def alpha(self, rank: int) -> float:
        """Return what peft divides by the rank, so that the scale is the same at every rank."""
        return self.scale * rank


@method
class Lora(LoraFamily):
    """W + 2 B A with A drawn and B = 0."""

    name = "lora"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2106.09685",)
