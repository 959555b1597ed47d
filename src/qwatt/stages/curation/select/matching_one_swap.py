"""Matching by one-swap search: the classical companion of every solver of the same problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching_method import MatchingMethod
from qwatt.stages.curation.select.windows import Solve

if TYPE_CHECKING:
    from qwatt.quantum import qubo
else:
    qubo = lazy("qwatt.quantum.qubo")


@method
class MatchingOneSwap(MatchingMethod):
    """Exchange the best pair of a chosen and an unchosen example of a window until none helps."""

    name: ClassVar[str] = "matching-one-swap"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1906.01827", "arXiv:2103.00123")
    width: ClassVar[int] = 128

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Begin each window at random."""

        def solve(linear: np.ndarray, quadratic: np.ndarray, ones: int) -> np.ndarray:
            start = context.rng.permutation(np.arange(len(linear)) < ones).astype(np.int8)
            return qubo.one_swap_search(qubo.bqm_from_arrays(linear, quadratic), start)

        return solve
