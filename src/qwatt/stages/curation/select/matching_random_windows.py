"""Control of QAOA: as many random strings a window as QAOA has shots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching_method import FEATURES, MatchingMethod
from qwatt.stages.curation.select.matching_qaoa import QUBITS, SHOTS
from qwatt.stages.curation.select.method import COMMON
from qwatt.stages.curation.select.windows import Solve


@method
class MatchingRandomWindows(MatchingMethod):
    """The same windows; the best of as many strings of the right number of ones, drawn without a circuit."""

    name: ClassVar[str] = "matching-random-windows"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random choice",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | FEATURES
    width: ClassVar[int] = QUBITS

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Draw and take the best."""

        def solve(linear: np.ndarray, quadratic: np.ndarray, ones: int) -> np.ndarray:
            strings = np.tile(np.arange(len(linear)) < ones, (context.shots or SHOTS, 1)).astype(np.int8)
            drawn = context.rng.permuted(strings, axis=1)
            values = drawn @ linear + ((drawn @ quadratic) * drawn).sum(axis=1)
            return np.asarray(drawn[int(np.argmin(values))])

        return solve
