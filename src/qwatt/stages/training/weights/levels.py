"""Weights of two or three values as bits, and what flipping some of the bits does to the loss."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.training.weights.method import Training
from qwatt.stages.training.weights.network import Weights, objective, shapes, size

Bits = NDArray[np.int8]
BITS = {"binary": 1, "ternary": 2}
"""Bits of a weight: -s or s, or -s, 0 or s, where s is the layer's level."""


def pairs(bits: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return every pair of a block's bits: first ones, second ones."""
    return np.triu_indices(bits, 1)


def block_evaluations(bits: int) -> int:
    """Return the loss evaluations that a block's model takes: every bit, every pair."""
    return bits * (bits + 1) // 2


class LevelNetwork:
    """A network of few-valued weights.

    Args:
        training: the rows, and the widths of the network.
        values: "binary" or "ternary".
        gain: a layer's level is gain / sqrt(its inputs).
        start: real weights: binary takes their signs, ternary their nearest levels.
    """

    def __init__(self, training: Training, values: str, gain: float, start: Weights) -> None:
        self.training, self.per_weight = training, BITS[values]
        self.levels = [gain / math.sqrt(inputs) for inputs, _ in shapes(training.widths)]
        nearest = [matrix / level for matrix, level in zip(start, self.levels, strict=True)]
        flat = np.concatenate([matrix.ravel() for matrix in nearest])
        if self.per_weight == 1:
            self.bits: Bits = (flat >= 0).astype(np.int8)[:, None]
        else:
            self.bits = np.stack([flat > 0.5, flat >= -0.5], axis=1).astype(np.int8)
        self.loss = self._loss(self.bits)

    @property
    def weights(self) -> Weights:
        """The weights now."""
        return self._weights(self.bits)

    def flipped(self, places: NDArray[np.intp]) -> float:
        """Return the loss with the bits at these places flipped; places number all bits."""
        bits = self.bits.copy()
        bits.ravel()[places] ^= 1
        return self._loss(bits)

    def flip(self, places: NDArray[np.intp]) -> None:
        """Flip bits for good."""
        self.bits.ravel()[places] ^= 1
        self.loss = self._loss(self.bits)

    def model(self, block: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the change of the loss as a quadratic function of which bits of a block are flipped.

        It is exact for one and two flips, and takes the evaluation of each of them.

        Args:
            block: places of bits, shape (bits,).

        Returns:
            Linear terms (bits,) and upper triangular quadratic terms (bits, bits).
        """
        linear = np.array([self.flipped(block[[i]]) for i in range(len(block))]) - self.loss
        quadratic = np.zeros((len(block), len(block)))
        for i, j in combinations(range(len(block)), 2):
            quadratic[i, j] = self.flipped(block[[i, j]]) - self.loss - linear[i] - linear[j]
        return linear, quadratic

    def _weights(self, bits: Bits) -> Weights:
        signs = 2 * bits[:, 0] - 1 if self.per_weight == 1 else bits.sum(axis=1) - 1
        found, start = [], 0
        for level, shape in zip(self.levels, shapes(self.training.widths), strict=True):
            end = start + shape[0] * shape[1]
            found.append((level * signs[start:end]).reshape(shape).astype(np.float32))
            start = end
        return tuple(found)

    def _loss(self, bits: Bits) -> float:
        return objective(self._weights(bits), self.training.x, self.training.labels)


def bit_count(widths: tuple[int, ...], values: str) -> int:
    """Return the bits of all weights."""
    return size(widths) * BITS[values]
