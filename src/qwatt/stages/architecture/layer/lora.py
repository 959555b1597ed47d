"""LoRA on the matrices of the block, at the rank that gives as many parameters."""

from __future__ import annotations

from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.architecture.layer.graft import Graft
from qwatt.stages.architecture.layer.lora_graft import LoraGraft
from qwatt.stages.architecture.layer.method import LayerMethod
from qwatt.stages.architecture.layer.settings import Setup


@method
class Lora(LayerMethod):
    """Low-rank updates of the block's own matrices (peft); merged, they add nothing to inference.

    Where the feed-forward part is replaced, LoRA leaves it out and adapts the attention alone.
    """

    name = "lora"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2106.09685",)

    def graft(self, setup: Setup, context: Context) -> Graft:
        """Return adapters whose ranks fill the budget best, on as many matrices as possible."""
        return LoraGraft(self.parameters(setup), context.seed)
