"""LoRA whose scale falls with the square root of the rank."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.lora import LoraFamily

_ALPHA = 16.0
"""As of LoRA with its scale of 2 at rank 8."""


@method
class RsLora(LoraFamily):
    """W + 16 / sqrt(r) B A: what a step changes of the outputs does not grow or vanish with the rank."""

    name = "rslora"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2312.03732",)
    options = {"use_rslora": True}

    def alpha(self, rank: int) -> float:
        """Return what peft divides by the root of the rank."""
        return _ALPHA
