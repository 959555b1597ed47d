"""The candidate values of a weight, and which of them are marked (arXiv:2504.14568 and its program)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.training.weights.network import shapes
from qwatt.stages.training.weights.state import Losses

HIDDEN, OUTPUT = 5, 6
"""Qubits of a search in a hidden layer and in the last one: 32 and 64 candidates."""
TOLERANCE = {HIDDEN: 0.05, OUTPUT: 0.1}
"""How far above the least loss a candidate still is marked, relatively."""
_FIRST, _LEAST, _MOST, _SHRINK, _GROW = 0.5, 0.1, 2.0, 0.95, 1.05


class Spread:
    """How far around a weight its layer's candidates reach, in standard deviations of the layer.

    It shrinks after a pass over the layer that lowered the loss and grows after one that did not.

    Args:
        layers: number of layers.
    """

    def __init__(self, layers: int) -> None:
        self.factors = [_FIRST] * layers

    def adapt(self, layer: int, fell: bool) -> None:
        """Take in whether a pass over a layer lowered the loss."""
        factor = self.factors[layer] * (_SHRINK if fell else _GROW)
        self.factors[layer] = float(np.clip(factor, _LEAST, _MOST))

    def values(self, layer: int, weight: float, deviation: float, qubits: int) -> NDArray[np.float32]:
        """Return 2**qubits candidates evenly around a weight."""
        reach = self.factors[layer] * deviation
        return np.linspace(weight - reach, weight + reach, 2**qubits, dtype=np.float32)


def qubits_of(layer: int, layers: int) -> int:
    """Return the qubits of a search in a layer."""
    return OUTPUT if layer == layers - 1 else HIDDEN


def searches(widths: Sequence[int]) -> dict[int, int]:
    """Return the number of searches of one pass over all weights, by their qubits."""
    every = shapes(widths)
    found: dict[int, int] = {}
    for layer, (rows, columns) in enumerate(every):
        qubits = qubits_of(layer, len(every))
        found[qubits] = found.get(qubits, 0) + rows * columns
    return found


def evaluations(widths: Sequence[int]) -> int:
    """Return the loss evaluations of one pass: every candidate of every weight."""
    return sum(2**qubits * count for qubits, count in searches(widths).items())


def near_least(losses: Losses, qubits: int) -> NDArray[np.bool_]:
    """Mark the candidates whose loss is within the tolerance of the least, shape (candidates,)."""
    return np.asarray(losses <= losses.min() * (1.0 + TOLERANCE[qubits]))
