"""LoRA whose scale falls with the square root of the rank."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.lora import LoraFamily


@method
class RsLora(LoraFamily):
    """W + 2 sqrt(r) B A: of equal effect at every rank."""

    name = "rslora"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2312.03732",)
    options = {"use_rslora": True}
