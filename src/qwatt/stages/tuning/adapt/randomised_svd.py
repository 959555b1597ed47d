"""LoRA that begins with the principal factors of each matrix, found by random projections."""

from __future__ import annotations

from qwatt.core.effort import Effort
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.lora import LoraFamily
from qwatt.stages.tuning.adapt.settings import Setup

_POWER_ITERATIONS = 2


@method
class RandomisedSvd(LoraFamily):
    """As "pissa", with the factors of a randomised decomposition and two power iterations."""

    name = "randomised-svd"
    kind = Kind.CLASSICAL
    sources = ("arXiv:0909.4061", "arXiv:2404.02948, section 3.2")
    scale = 1.0
    options = {"init_lora_weights": f"pissa_niter_{_POWER_ITERATIONS}"}

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Add the products of each matrix with its random projections."""
        products = 2.0 * _POWER_ITERATIONS + 2.0
        flops = sum(2.0 * products * m.rows * m.columns * setup.rank for m in setup.pretrained.matrices)
        return super().adapter_effort(setup, shots) + Effort(work={"gemm_flop": flops})
