"""A network with its activations: the loss at other values of one weight costs a fraction of a pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.training.weights.network import PENALTY, Labels, Weights, cross_entropy, squares

Losses = NDArray[np.float64]
"""The objective at each candidate value, shape (candidates,)."""


class NetworkState:
    """Weights that are changed one at a time.

    Args:
        weights: a matrix a layer; copied.
        x: training rows, shape (rows, features).
        labels: class of each.
    """

    def __init__(self, weights: Weights, x: NDArray[np.float32], labels: Labels) -> None:
        self.matrices = [matrix.copy() for matrix in weights]
        self.labels = labels
        self.inputs = [x]
        self.sums: list[NDArray[np.float32]] = []
        self._forward(0)
        self.loss = self._loss()

    @property
    def weights(self) -> Weights:
        """The weights now, copied."""
        return tuple(matrix.copy() for matrix in self.matrices)

    def losses(self, layer: int, row: int, column: int, values: NDArray[np.float32]) -> Losses:
        """Return the objective with one weight at each of the values, by passing on what it changes alone.

        Args:
            layer: of the weight.
            row: its input.
            column: its unit.
            values: shape (candidates,).
        """
        old = self.matrices[layer][row, column]
        changed = (
            self.sums[layer][:, column] + (values - old)[:, None] * self.inputs[layer][:, row]
        )  # (candidates, rows)
        penalty = self._squares + np.square(values, dtype=np.float64) - float(old) ** 2
        return self._entropies(layer, column, changed) + PENALTY * penalty

    def set(self, layer: int, row: int, column: int, value: float) -> None:
        """Change one weight."""
        matrix = self.matrices[layer]
        change = np.float32(value) - matrix[row, column]
        matrix[row, column] = value
        self.sums[layer][:, column] += change * self.inputs[layer][:, row]
        self._after(layer)

    def replace(self, layer: int, matrix: NDArray[np.float32]) -> None:
        """Change a whole layer."""
        self.matrices[layer] = matrix.astype(np.float32)
        self._forward(layer)
        self.loss = self._loss()

    def _entropies(self, layer: int, column: int, changed: NDArray[np.float32]) -> Losses:
        if layer == len(self.matrices) - 1:
            return self._of_outputs(column, changed)
        unit = np.tanh(changed) - self.inputs[layer + 1][:, column]
        sums = self.sums[layer + 1] + unit[:, :, None] * self.matrices[layer + 1][column]
        for matrix in self.matrices[layer + 2 :]:
            sums = np.tanh(sums) @ matrix
        return cross_entropy(sums, self.labels)

    def _of_outputs(self, column: int, changed: NDArray[np.float32]) -> Losses:
        """Return the cross-entropies where one output is changed."""
        others = np.delete(self.sums[-1], column, axis=1)
        most = np.maximum(others.max(axis=1), changed)
        rest = np.exp(others[None] - most[:, :, None]).sum(axis=2)
        spread = np.log(rest + np.exp(changed - most)) + most
        right = np.where(self.labels == column, changed, self.sums[-1][self._rows, self.labels])
        return np.asarray((spread - right).mean(axis=1, dtype=np.float64))

    def _after(self, layer: int) -> None:
        if layer + 1 < len(self.matrices):
            self.inputs[layer + 1] = np.tanh(self.sums[layer])
            self._forward(layer + 1)
        self.loss = self._loss()

    def _forward(self, layer: int) -> None:
        del self.inputs[layer + 1 :], self.sums[layer:]
        for index in range(layer, len(self.matrices)):
            self.sums.append(self.inputs[-1] @ self.matrices[index])
            if index + 1 < len(self.matrices):
                self.inputs.append(np.tanh(self.sums[-1]))

    def _loss(self) -> float:
        self._rows = np.arange(len(self.labels))
        self._squares = squares(self.matrices)
        return float(cross_entropy(self.sums[-1], self.labels)) + PENALTY * self._squares
