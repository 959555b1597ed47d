"""Control of QAOA: as many random strings a block as QAOA has shots."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.training.weights.blocks import BlockMethod
from qwatt.stages.training.weights.qaoa import SHOTS


@method
class BlockRandom(BlockMethod):
    """The string of least energy in the same model, out of as many that are drawn without a circuit."""

    name: ClassVar[str] = "qubo-random"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random choice",)

    def solve(
        self, linear: NDArray[np.float64], quadratic: NDArray[np.float64], context: Context
    ) -> NDArray[np.bool_]:
        """Draw and take the best."""
        drawn = context.rng.random((context.shots or SHOTS, len(linear))) < 0.5
        energies = drawn @ linear + ((drawn @ quadratic) * drawn).sum(axis=1)
        return np.asarray(drawn[int(energies.argmin())])
