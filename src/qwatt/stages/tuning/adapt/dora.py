"""LoRA of the directions of a matrix's rows, and their lengths."""

from __future__ import annotations

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.lora import LoraFamily


@method
class Dora(LoraFamily):
    """m (W + 2 B A) / |W + 2 B A|, the lengths m trained as well."""

    name = "dora"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2402.09353",)
    options = {"use_dora": True}
    kernels = 3.5
