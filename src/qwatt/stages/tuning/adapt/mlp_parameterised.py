"""Control: a generator without a circuit, with as many trained parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.generated_method import GeneratedMethod
from qwatt.stages.tuning.adapt.generator import Sizes, Source
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch


@method
class MlpParameterised(GeneratedMethod):
    """The bits of a chunk's number alone go through a network that is wider by what the circuit had."""

    name = "mlp-parameterised"
    kind = Kind.CONTROL
    sources = ("arXiv:1609.09106 (a network that generates weights)",)

    def source(self, setup: Setup, context: Context) -> Source:
        """Return nothing beside the bits."""
        return Bits()

    def hidden(self, setup: Setup) -> int:
        """Return the units whose parameters come closest to those with the circuit."""
        sizes = Sizes(setup)
        angles = 2 * sizes.qubits * (setup.shape.layers + 1)
        budget = sizes.network(sizes.hidden, sizes.qubits + 1) + angles
        counts = range(1, 4 * sizes.hidden)
        return min(counts, key=lambda hidden: abs(sizes.network(hidden, sizes.qubits) - budget))


class Bits(Source):
    """No number beside a chunk's bits."""

    features = 0

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return none."""
        return []

    def probabilities(self) -> torch.Tensor | None:
        """Return nothing."""
        return None
