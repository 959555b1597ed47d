"""MiSS: one matrix whose rows are shared by the shards of the inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qwatt.core.lazy import lazy
from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.peft_adapter import PeftMethod
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import peft
else:
    peft = lazy("peft")


@method
class Miss(PeftMethod):
    """Inputs are summed by shards to r values, which one trained matrix takes to the outputs.

    A rank of one has as many parameters as outputs, not outputs and inputs as in LoRA: r is the even number
    that comes closest to LoRA's parameters.
    """

    name = "miss"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2409.15371",)

    def config(self, options: Mapping[str, Any], setup: Setup) -> Any:
        """Return the configuration of about as many parameters as LoRA has."""
        matrices = setup.pretrained.matrices
        outputs = sum(matrix.rows for matrix in matrices)
        lora = setup.rank * sum(matrix.rows + matrix.columns for matrix in matrices)
        most = min(matrix.columns for matrix in matrices)
        return peft.MissConfig(r=min(most, 2 * max(1, round(lora / outputs / 2))), **options)
