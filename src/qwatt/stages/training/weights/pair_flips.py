"""Local search on few-valued weights: the best one or two flips of a block, which its model has evaluated."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.stages.training.weights.blocks import BlockMethod
from qwatt.stages.training.weights.levels import pairs


@method
class PairFlips(BlockMethod):
    """What the evaluations of a block show without any model: the best flip or pair of flips."""

    name: ClassVar[str] = "pair-flips"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("2-opt local search",)

    def solve(
        self, linear: NDArray[np.float64], quadratic: NDArray[np.float64], context: Context
    ) -> NDArray[np.bool_]:
        """Return the best of all single flips and pairs."""
        first, second = pairs(len(linear))
        both = linear[first] + linear[second] + quadratic[first, second]
        chosen = np.zeros(len(linear), dtype=np.bool_)
        if not len(both) or linear.min() <= both.min():
            chosen[linear.argmin()] = True
        else:
            chosen[[first[both.argmin()], second[both.argmin()]]] = True
        return chosen
