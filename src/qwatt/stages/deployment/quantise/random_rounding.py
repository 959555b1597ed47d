"""Control of QAOA: as many random strings a window as QAOA has shots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.qaoa_windows import SHOTS
from qwatt.stages.deployment.quantise.qubo_rounding import QuboRounding, Solve
from qwatt.stages.deployment.quantise.row_windows import Bits, RowQubos
from qwatt.stages.deployment.quantise.windows_exact import WIDTH, least, strings_effort


@method
class RandomRounding(QuboRounding):
    """The best of random strings, the same strings for all rows of a window."""

    name = "random-rounding"
    kind = Kind.CONTROL
    sources = ("random choice",)
    width = WIDTH
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**QuboRounding.space, "passes": (1,)}

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Draw strings."""

        def solve(qubos: RowQubos) -> Bits:
            width = qubos.linear.shape[1]
            strings = context.rng.integers(2, size=(context.shots or SHOTS, width), dtype=np.int8)
            return least(qubos, strings)

        return solve

    def window_effort(self, rows: int, width: int, settings: Settings, shots: int | None) -> Effort:
        """Count the energies of the strings."""
        return strings_effort(rows, width, shots or SHOTS)
