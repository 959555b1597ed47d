"""Few-valued weights, a block of bits at a time: the block's QUBO is solved, and taken if the loss falls."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.training.weights.levels import BITS, LevelNetwork, bit_count, block_evaluations
from qwatt.stages.training.weights.method import EPOCHS, Found, Training, WeightsMethod, pass_work
from qwatt.stages.training.weights.network import Weights

BLOCK = 12
"""Bits of a block, one qubit each; the last block of a sweep has what is left."""


class BlockMethod(WeightsMethod):
    """Base: the methods differ in how they choose which bits of a block to flip."""

    space: ClassVar[Mapping[str, Sequence[Any]]] = EPOCHS | {
        "values": tuple(reversed(BITS)),
        "gain": (2.0, 1.0),
    }

    @abstractmethod
    def solve(
        self, linear: NDArray[np.float64], quadratic: NDArray[np.float64], context: Context
    ) -> NDArray[np.bool_]:
        """Return which bits to flip, shape (bits,), so that the model's change is low."""

    def find(self, training: Training, start: Weights, settings: Settings, context: Context) -> Found:
        """Sweep over blocks of bits that are drawn anew in every epoch."""
        epochs, taken, count = int(settings["epochs"]), 0, 0
        with context.phase(Ring.KERNEL, "train"):
            network = LevelNetwork(training, settings["values"], float(settings["gain"]), start)
            curve = [network.loss]
            for epoch in range(epochs):
                order = context.rng.permutation(network.bits.size)
                for block in np.split(order, range(BLOCK, len(order), BLOCK)):
                    flips = block[self.solve(*network.model(block), context)]
                    if len(flips) and network.flipped(flips) < network.loss:
                        network.flip(flips)
                        taken += 1
                    count += block_evaluations(len(block)) + 1
                context.progress(epoch + 1, epochs, "epochs")
                curve.append(network.loss)
        return Found(network.weights, curve, count, {}, {"blocks_taken": taken})

    def effort(self, rows: int, widths: tuple[int, ...], settings: Settings, shots: int | None) -> Effort:
        """Count a pass for every flip, pair of flips and trial."""
        blocks = block_sizes(widths, settings)
        passes = float(sum(count * (block_evaluations(bits) + 1) for bits, count in blocks.items()))
        return Effort(work=pass_work(passes, rows, widths))


def block_sizes(widths: tuple[int, ...], settings: Settings) -> dict[int, int]:
    """Return how many blocks of how many bits all epochs have."""
    bits, epochs = bit_count(widths, settings["values"]), int(settings["epochs"])
    whole, left = divmod(bits, BLOCK)
    return {size: epochs * count for size, count in ((BLOCK, whole), (left, 1)) if size and count}
