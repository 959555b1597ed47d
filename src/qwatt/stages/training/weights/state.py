"""A network with its activations: the loss at other values of one weight costs a fraction of a pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.training.weights.network import (
    PENALTY,
    Floats,
    Labels,
    Weights,
    cross_entropy,
    squares,
)

Losses = NDArray[np.float64]
"""The objective at each candidate value, shape (candidates,)."""

_CACHED_NUMBERS = 1 << 17
"""Numbers of a layer's sums that are worked on at once, so that they stay in a core's cache."""


class NetworkState:
    """Weights that are changed one at a time.

    Activations have the rows last: NumPy's inner loops are over rows then, which are many, and not over a
    layer's few units.

    Args:
        weights: a matrix a layer; copied.
        x: training rows, shape (rows, features).
        labels: class of each.
    """

    def __init__(self, weights: Weights, x: Floats, labels: Labels) -> None:
        self.matrices = [matrix.copy() for matrix in weights]
        self.labels = labels
        self.inputs = [np.ascontiguousarray(x.T)]
        self.sums: list[Floats] = []
        self._forward(0)
        self.loss = self._loss()

    @property
    def weights(self) -> Weights:
        """The weights now, copied."""
        return tuple(matrix.copy() for matrix in self.matrices)

    def losses(self, layer: int, row: int, column: int, values: Floats) -> Losses:
        """Return the objective with one weight at each of the values, by passing on what it changes alone.

        Args:
            layer: of the weight.
            row: its input.
            column: its unit.
            values: shape (candidates,).
        """
        old = self.matrices[layer][row, column]
        changed = self.sums[layer][column] + (values - old)[:, None] * self.inputs[layer][row]
        widest = max(map(len, self.sums[layer + 1 :] or self.sums[-1:]))
        count = max(1, _CACHED_NUMBERS // (widest * len(self.labels)))
        parts = [changed[i : i + count] for i in range(0, len(changed), count)]
        entropies = np.concatenate([self._entropies(layer, column, part) for part in parts])
        penalty = self._squares + np.square(values, dtype=np.float64) - float(old) ** 2
        return entropies + PENALTY * penalty

    def set(self, layer: int, row: int, column: int, value: float) -> None:
        """Change one weight."""
        matrix = self.matrices[layer]
        change = np.float32(value) - matrix[row, column]
        matrix[row, column] = value
        self.sums[layer][column] += change * self.inputs[layer][row]
        if layer + 1 < len(self.matrices):
            self.inputs[layer + 1] = np.tanh(self.sums[layer])
            self._forward(layer + 1)
        self.loss = self._loss()

    def _entropies(self, layer: int, column: int, changed: Floats) -> Losses:
        """Return the cross-entropies, shape (candidates,), of a unit's changed sums (candidates, rows)."""
        if layer == len(self.matrices) - 1:
            outputs = np.repeat(self.sums[layer][None], len(changed), axis=0)
            outputs[:, column] = changed
            return cross_entropy(outputs, self.labels)
        unit = np.tanh(changed) - self.inputs[layer + 1][column]
        sums = np.einsum("cr,u->cur", unit, self.matrices[layer + 1][column])
        sums += self.sums[layer + 1]
        for matrix in self.matrices[layer + 2 :]:
            sums = np.matmul(matrix.T, np.tanh(sums, out=sums))
        return cross_entropy(sums, self.labels)

    def _forward(self, layer: int) -> None:
        del self.inputs[layer + 1 :], self.sums[layer:]
        for index in range(layer, len(self.matrices)):
            self.sums.append(self.matrices[index].T @ self.inputs[-1])
            if index + 1 < len(self.matrices):
                self.inputs.append(np.tanh(self.sums[-1]))

    def _loss(self) -> float:
        self._squares = squares(self.matrices)
        return float(cross_entropy(self.sums[-1], self.labels)) + PENALTY * self._squares
