"""What all adaptations share whose factors come out of a generator."""

from __future__ import annotations

from abc import abstractmethod

from qwatt.core.effort import Effort
from qwatt.core.method import Context
from qwatt.stages.tuning.adapt.adapter import Adapter
from qwatt.stages.tuning.adapt.generator import Generator, Sizes, Source
from qwatt.stages.tuning.adapt.method import AdaptMethod
from qwatt.stages.tuning.adapt.settings import Setup


class GeneratedMethod(AdaptMethod):
    """Base of the methods whose factors are generated; one gives `source`."""

    @abstractmethod
    def source(self, setup: Setup, context: Context) -> Source:
        """Return what gives a number to every chunk of the factors."""

    def hidden(self, setup: Setup) -> int:
        """Return the hidden units of the network."""
        return Sizes(setup).hidden

    def adapter(self, setup: Setup, context: Context) -> Adapter:
        """Put the generated factors into the decoder."""
        return Generator(setup, self.source(setup, context), self.hidden(setup)).adapter()

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Count the network and the products of the factors, forward and backward, at every step."""
        sizes = Sizes(setup)
        network = sizes.network(self.hidden(setup), sizes.qubits + 1) * 2.0**sizes.qubits
        products = setup.rank * sum(m.rows * m.columns for m in setup.pretrained.matrices)
        return Effort(work={"gemm_flop": 6.0 * (network + products) * setup.steps})
