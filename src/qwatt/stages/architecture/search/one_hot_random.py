"""Control of QAOA: as many random strings a proposal as it has shots."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.architecture.search.factorisation import Bits, Values
from qwatt.stages.architecture.search.one_hot import OneHotSearch, Window
from qwatt.stages.architecture.search.one_hot_qaoa import SHOTS


@method
class RandomOneHot(OneHotSearch):
    """The same machine and window; strings of fair coins, decoded alike, the best new one is trained."""

    name: ClassVar[str] = "random-one-hot"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random strings",)

    def solve(
        self, linear: Values, quadratic: Values, window: Window, settings: Settings, context: Context
    ) -> Bits:
        """Toss."""
        return context.rng.integers(0, 2, (context.shots or SHOTS, len(linear)), dtype=np.int8)
