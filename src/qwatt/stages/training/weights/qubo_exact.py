"""The QUBO of QAOA's blocks, solved exactly by looking at every string."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.training.weights.blocks import BlockMethod, block_sizes

if TYPE_CHECKING:
    from qwatt.quantum.qubo import arrays
else:
    arrays = lazy("qwatt.quantum.qubo.arrays")


@method
class BlockExact(BlockMethod):
    """The least of 4,096 energies: what any sampler of the same model can reach at best."""

    name: ClassVar[str] = "qubo-exact"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("exhaustive search",)

    def solve(
        self, linear: NDArray[np.float64], quadratic: NDArray[np.float64], context: Context
    ) -> NDArray[np.bool_]:
        """Return the string of least energy."""
        best = int(arrays.energies(arrays.bqm_from_arrays(linear, quadratic)).argmin())
        return (best >> np.arange(len(linear))[::-1] & 1).astype(np.bool_)

    def effort(self, rows: int, widths: tuple[int, ...], settings: Settings, shots: int | None) -> Effort:
        """Count the block's model, and its terms over all strings."""
        found = super().effort(rows, widths, settings, shots)
        for bits, count in block_sizes(widths, settings).items():
            terms = count * bits * (bits + 1) / 2
            found += Effort(work={"array_call": 10.0 * terms, "elementwise": 8.0 * terms * 2.0**bits})
        return found
