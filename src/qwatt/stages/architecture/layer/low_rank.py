"""The classical layer without a middle: a tanh bottleneck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.architecture.layer.graft import Graft, LayerGraft
from qwatt.stages.architecture.layer.method import LayerMethod
from qwatt.stages.architecture.layer.settings import Setup

if TYPE_CHECKING:
    from qwatt import torch as layers
else:
    layers = lazy("qwatt.torch")


@method
class LowRank(LayerMethod):
    """A bottleneck adapter of tanh features, with as many parameters as the quantum layer.

    The last feature reads and writes a part of the channels alone, so that the numbers are equal.
    """

    name = "low-rank"
    kind = Kind.CLASSICAL
    sources = ("arXiv:1902.00751",)

    def graft(self, setup: Setup, context: Context) -> Graft:
        """Return the bottleneck of the budget."""
        hidden, budget = setup.frozen.hidden_size, self.parameters(setup)
        return LayerGraft(layers.LowRankLayer.of_size(hidden, budget, **setup.options))
