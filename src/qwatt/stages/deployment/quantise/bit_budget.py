"""Bits of each layer under a budget of stored bits: what each choice costs the loss, alone.

min sum_lk loss_lk x_lk over one choice k a layer l, sum_lk size_lk x_lk <= budget: a knapsack with choices,
as losses are taken to add up. The budget is what all layers take at the bits that the user gives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Choice = NDArray[np.int64]
"""Which of its levels each layer has, shape (layers,)."""


@dataclass(frozen=True, eq=False)
class BitBudget:
    """The knapsack.

    Args:
        levels: bits that a layer may have, ascending.
        loss: nats per token that a layer's rounding alone adds, shape (layers, levels).
        size: stored bits, shape (layers, levels), ascending in a row.
        budget: stored bits of all layers, at most.
        start: a choice within the budget, such as the uniform one, shape (layers,).
    """

    levels: tuple[int, ...]
    loss: NDArray[np.float64]
    size: NDArray[np.float64]
    budget: float
    start: Choice

    def __len__(self) -> int:
        return len(self.loss)

    def total_loss(self, choice: Choice) -> float:
        """Return the loss that a choice adds."""
        return float(self.loss[np.arange(len(self)), choice].sum())

    def total_size(self, choice: Choice) -> float:
        """Return the stored bits of a choice."""
        return float(self.size[np.arange(len(self)), choice].sum())

    def fits(self, choice: Choice) -> bool:
        """Return whether a choice is within the budget."""
        return self.total_size(choice) <= self.budget * (1.0 + 1e-12)

    def of_layers(self, some: NDArray[np.int64], choice: Choice) -> BitBudget:
        """Return the knapsack of some layers, the others as in a choice that fits."""
        taken = self.total_size(choice) - float(self.size[some, choice[some]].sum())
        left = self.budget - taken
        return replace(self, loss=self.loss[some], size=self.size[some], budget=left, start=choice[some])


def qubo_of(knapsack: BitBudget) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return linear (n,) and upper quadratic (n, n) terms of one bit a layer and level.

    Penalties hold one level a layer and the budget as an equation, without slack bits: samples that miss
    either are brought back. Both weigh as much as the losses can differ by, the budget's in units of the
    smallest step between two levels.
    """
    layers, levels = knapsack.loss.shape
    size = knapsack.size.ravel()
    step = float(np.diff(knapsack.size, axis=1).min()) if levels > 1 else 1.0
    strength = float(np.ptp(knapsack.loss, axis=1).max()) or 1.0
    scaled, target = size / step, knapsack.budget / step
    one_hot = np.kron(np.eye(layers), np.ones((levels, levels)))
    matrix = 2.0 * strength * one_hot + strength * np.outer(scaled, scaled)
    linear = knapsack.loss.ravel() - 4.0 * strength - 2.0 * strength * target * scaled + matrix.diagonal()
    return linear, 2.0 * np.triu(matrix, 1)


def brought_back(knapsack: BitBudget, bits: NDArray[np.integer]) -> Choice:
    """Return a choice within the budget near a sample, shape (layers x levels,), and better where it can be.

    A layer without a level, or with several, gets the highest of those that it has, or the lowest; then
    levels fall where that costs least loss a bit, and rise where there is room and it gains most.
    """
    layers, levels = knapsack.loss.shape
    marks = bits.reshape(layers, levels).astype(np.int64)
    top = levels - 1 - marks[:, ::-1].argmax(axis=1)
    choice = np.where(marks.any(axis=1), top, 0).astype(np.int64)
    while not knapsack.fits(choice) and choice.any():
        choice[_best_move(knapsack, choice, -1)] -= 1
    while (layer := _best_move(knapsack, choice, 1)) is not None:
        choice[layer] += 1
    if not knapsack.fits(choice) or knapsack.total_loss(choice) > knapsack.total_loss(knapsack.start):
        return knapsack.start.copy()
    return choice


def _best_move(knapsack: BitBudget, choice: Choice, way: int) -> int | None:
    """Return the layer whose next level up or down is worth most a stored bit; None if none can go."""
    layers, other = np.arange(len(knapsack)), choice + way
    open_ = (other >= 0) & (other < len(knapsack.levels))
    other = np.where(open_, other, choice)
    grows = knapsack.size[layers, other] - knapsack.size[layers, choice]
    gains = knapsack.loss[layers, choice] - knapsack.loss[layers, other]
    if way > 0:
        open_ &= (grows <= knapsack.budget - knapsack.total_size(choice) + 1e-9) & (gains > 0.0)
    if not open_.any():
        return None
    worth = np.where(open_, gains / np.maximum(np.abs(grows), 1e-30), -np.inf)
    return int(worth.argmax())
