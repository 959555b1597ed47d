"""The classical twin: ranks by the spectral entropy of the weights, computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.adapt.settings import Setup
from qwatt.stages.tuning.adapt.spectral_ranks import SpectralRanks, measured_tiles

if TYPE_CHECKING:
    from qwatt.quantum.algorithms import purity as algorithm
else:
    algorithm = lazy("qwatt.quantum.algorithms.purity")


@method
class SpectralEntropyExact(SpectralRanks):
    """As "spectral-entropy", from each matrix' product with itself."""

    name = "spectral-entropy-exact"
    kind = Kind.CLASSICAL
    sources = ("Roy and Vetterli, EUSIPCO 2007 (effective rank)",)

    def purities(self, setup: Setup, context: Context) -> Sequence[float]:
        """Compute them."""
        return [algorithm.spectral_purity(tile.values) for tile in measured_tiles(setup)]

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Add the products."""
        shapes = [tile.values.shape for tile in measured_tiles(setup)]
        flops = sum(2.0 * rows * columns * min(rows, columns) for rows, columns in shapes)
        return super().adapter_effort(setup, shots) + Effort(work={"gemm_flop": flops})
