"""LoRA that begins with the principal factors of each matrix, found by a whole decomposition."""

from __future__ import annotations

from qwatt.core.effort import Effort
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.lora import LoraFamily
from qwatt.stages.tuning.adapt.settings import Setup

_DECOMPOSITION = 14.0
"""Operations of a thin decomposition over m n min(m, n), singular vectors included."""


@method
class Pissa(LoraFamily):
    """W - B0 A0 is frozen, and B A trained from the largest singular values and vectors B0 A0 on."""

    name = "pissa"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2404.02948",)
    scale = 1.0
    options = {"init_lora_weights": "pissa"}

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Add the decompositions."""
        flops = sum(m.rows * m.columns * min(m.rows, m.columns) for m in setup.pretrained.matrices)
        return super().adapter_effort(setup, shots) + Effort(work={"gemm_flop": _DECOMPOSITION * flops})
