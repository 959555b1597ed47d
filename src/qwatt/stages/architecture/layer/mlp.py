"""The classical layer with an MLP where the circuit is."""

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
class Mlp(LayerMethod):
    """The quantum layer with its circuit replaced by linear, GELU, linear of as many parameters."""

    name = "mlp"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2403.07059 (classical baselines of equal size)",)

    def graft(self, setup: Setup, context: Context) -> Graft:
        """Return the bottleneck with the MLP that fills the budget best."""
        hidden, width = setup.frozen.hidden_size, setup.shape.qubits
        return LayerGraft(layers.MlpLayer.of_size(hidden, width, self.parameters(setup), **setup.options))
