"""The classical twin: a Fourier series with the circuit's frequencies and as many coefficients as angles."""

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
class Fourier(LayerMethod):
    """The quantum layer with its circuit replaced by the series that it is, cut off after its low orders.

    A circuit with R uploads of n features is a Fourier series with (2 R + 1)^n frequencies, of which its
    3 n L R angles reach few; here these many coefficients are free, and the host computes them.
    """

    name = "fourier"
    kind = Kind.INSPIRED
    sources = ("arXiv:2008.08605", "arXiv:2210.13200")
    companions = ("low-rank", "mlp")

    def graft(self, setup: Setup, context: Context) -> Graft:
        """Return the bottleneck with the truncated series."""
        shape, hidden = setup.shape, setup.frozen.hidden_size
        coefficients = 3 * shape.layers * shape.reuploads
        series = layers.FourierLayer(hidden, shape.qubits, shape.reuploads, coefficients, **setup.options)
        return LayerGraft(series)
