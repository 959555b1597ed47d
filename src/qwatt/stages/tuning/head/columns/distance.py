"""The quantum distance classifier of doi:10.1038/s41598-022-05971-9."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Kind
from qwatt.core.registry import method
from qwatt.stages.tuning.head.columns.base import SOURCE, SPACE, NeighbourHead


@method
class QuantumDistance(NeighbourHead):
    """The class of the training row with the largest overlap: one nearest neighbour.

    Published with a Hadamard test of <x|y> or a swap test of its square. Here the same square is read by
    compute-uncompute on half the qubits; rows without negative values are ranked alike by both.
    """

    name = "quantum-distance"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (SOURCE,)
    companions: ClassVar[tuple[str, ...]] = (
        "quantum-distance-twin",
        "quantum-distance-random",
        "nearest-neighbours",
        "svm-rbf",
        "logistic",
    )
    space = SPACE

    def class_score(self, overlaps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the largest."""
        return np.asarray(overlaps.max(axis=1))
