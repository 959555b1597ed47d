"""HiRA: each matrix times a low-rank one, entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.peft_adapter import PeftMethod
from qwatt.stages.tuning.adapt.settings import Setup, rates

if TYPE_CHECKING:
    import peft
else:
    peft = lazy("peft")


@method
class Hira(PeftMethod):
    """W + W * (B A), entry by entry: an update of high rank with LoRA's parameters."""

    name = "hira"
    kind = Kind.CLASSICAL
    sources = ("Huang et al., ICLR 2025, openreview TwJrTz9cRS",)
    space = rates(3e-2, 1e-2, 1e-1, 3e-1)

    def config(self, options: Mapping[str, Any], setup: Setup) -> Any:
        """Return the configuration at the rank."""
        flipped = any(matrix.flipped for matrix in setup.pretrained.matrices)
        return peft.HiraConfig(r=setup.rank, fan_in_fan_out=flipped, **options)
