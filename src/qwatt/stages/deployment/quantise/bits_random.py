"""Control of the bit allocations by QUBO: as many random strings, brought back into the budget alike."""

from __future__ import annotations

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.bit_budget import BitBudget, Choice, brought_back
from qwatt.stages.deployment.quantise.bits_method import BitsMethod
from qwatt.stages.deployment.quantise.qaoa_bits import SHOTS


@method
class BitsRandom(BitsMethod):
    """The best of random strings: what bringing back alone can do."""

    name = "bits-random"
    kind = Kind.CONTROL
    sources = ("random choice",)
    stochastic = True

    def allocated(self, knapsack: BitBudget, settings: Settings, context: Context) -> Choice:
        """Draw strings of all layers."""
        shape = (context.shots or SHOTS, knapsack.loss.size)
        strings = context.rng.integers(2, size=shape, dtype=np.int8)
        return min((brought_back(knapsack, bits) for bits in strings), key=knapsack.total_loss)

    def allocation_effort(self, layers: int, levels: int, settings: Settings, shots: int | None) -> Effort:
        """Count a few steps of bringing back for each string."""
        return Effort(work={"iteration": 0.1 * (shots or SHOTS) * layers})
