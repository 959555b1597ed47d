"""Control: the same ranks, given to matrices at random."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

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
class SpectralEntropyRandom(SpectralRanks):
    """The exact entropies, shuffled among the matrices: shows what knowing whose they are is worth."""

    name = "spectral-entropy-random"
    kind = Kind.CONTROL
    sources = ("a permutation of the exact entropies",)

    def purities(self, setup: Setup, context: Context) -> Sequence[float]:
        """Compute and shuffle them."""
        exact = [algorithm.spectral_purity(tile.values) for tile in measured_tiles(setup)]
        found: list[float] = np.random.default_rng([context.seed, 23]).permutation(exact).tolist()
        return found
