"""Ranks by the spectral entropy of the weights, measured on a QPU: one number a matrix, and no vector."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import expectation
from qwatt.stages.tuning.adapt.settings import Setup
from qwatt.stages.tuning.adapt.spectral_ranks import SpectralRanks, measured_tiles

if TYPE_CHECKING:
    from qwatt.quantum.algorithms import purity as algorithm
else:
    algorithm = lazy("qwatt.quantum.algorithms.purity")


@method
class SpectralEntropy(SpectralRanks):
    """The Renyi-2 entropy of each matrix' singular values, by random bases on the matrix loaded as a state.

    What a quantum computer's linear algebra can be asked without reading vectors out; loading remains.
    """

    name = "spectral-entropy"
    kind = Kind.QUANTUM
    sources = ("arXiv:1801.00999", "arXiv:1806.05747")
    companions = ("spectral-entropy-random", "spectral-entropy-exact", "lora")
    _found: tuple[Context, list[float]] | None = None

    def purities(self, setup: Setup, context: Context) -> Sequence[float]:
        """Measure every matrix, once a trial."""
        if self._found is None or self._found[0] is not context:
            with context.circuits():
                self._found = (context, self._measured(setup, context))
        return self._found[1]

    def _measured(self, setup: Setup, context: Context) -> list[float]:
        tiles = [tile.values for tile in measured_tiles(setup)]
        found = np.zeros(len(tiles))
        for places in _by_shape([_shape(tile) for tile in tiles]).values():
            same = np.stack([tiles[place] for place in places])
            found[places] = algorithm.measured_purities(
                circuit_backend(context), same, setup.shape.settings, context.shots, context.rng
            )
        least = [1.0 / min(tile.shape) for tile in tiles]
        return [float(purity) for purity in np.clip(found, least, 1.0)]

    def once_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Bill a circuit a matrix and basis."""
        settings = setup.shape.settings
        groups = _by_shape([_shape(tile.values) for tile in measured_tiles(setup)])
        demands = [
            algorithm.purity_demand(*shape, len(places), settings, shots) for shape, places in groups.items()
        ]
        flops = sum(
            expectation.simulation_flops(algorithm.circuit_of(*shape), len(places)) * settings
            for shape, places in groups.items()
        )
        demand = Demand.sum(demands)
        work = {
            "engine_call": float(settings * len(groups)),
            "random_draw": float(demand.shots if shots else 0),
        }
        return Effort(demand, work, flops)


def _shape(matrix: NDArray[np.float64]) -> tuple[int, int]:
    rows, columns = matrix.shape
    return rows, columns


def _by_shape(shapes: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    """Return the places of the matrices of each shape."""
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, shape in enumerate(shapes):
        found[shape].append(place)
    return dict(found)
