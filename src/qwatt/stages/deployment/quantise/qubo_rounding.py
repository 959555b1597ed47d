"""What the roundings by QUBO share: they begin with GPTQ's codes, and differ in how they solve a window."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.deployment.quantise.gptq import damped, gptq, gptq_effort
from qwatt.stages.deployment.quantise.grid import Grid
from qwatt.stages.deployment.quantise.method import COMMON, LIMITS, QuantiseMethod
from qwatt.stages.deployment.quantise.problem import RoundedLayer
from qwatt.stages.deployment.quantise.row_windows import (
    Bits,
    RowQubos,
    RowState,
    coupled_windows,
    window_widths,
)
from qwatt.stages.deployment.quantise.workbench import Rows

Solve = Callable[[RowQubos], Bits]

DAMPING = 0.01
"""Of the second moments, as GPTQ's default."""
_ROWS = 1_024
"""In a block: the couplings of a window of 128 weights then take 134 MB."""


class QuboRounding(QuantiseMethod):
    """Base: GPTQ, then passes over windows of coupled columns; a window's solution is kept if it is better.

    Class attributes:
        width: columns of a window unless a setting says otherwise.
    """

    space: ClassVar[Mapping[str, Sequence[Any]]] = {**COMMON, "passes": (2,)}
    limits: ClassVar[Mapping[str, Limit]] = {**LIMITS, "passes": (1, 100)}
    companions: ClassVar[tuple[str, ...]] = ("gptq", "round-to-nearest")
    stochastic: ClassVar[bool] = True
    width: ClassVar[int]

    @abstractmethod
    def solver(self, settings: Settings, context: Context) -> Solve:
        """Return what solves a window's QUBO of every row."""

    @abstractmethod
    def window_effort(self, rows: int, width: int, settings: Settings, shots: int | None) -> Effort:
        """Return what solving a window of so many rows takes."""

    def window(self, context: Context) -> AbstractContextManager[None]:
        """Open the energy window of solving a window."""
        return context.phase(Ring.KERNEL, "solve")

    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Go over the windows of some rows at once, one block of rows after the other."""
        moment, solve = damped(rows.moment, DAMPING), self.solver(settings, context)
        codes = gptq(rows, grid, DAMPING)
        for start in range(0, len(codes), _ROWS):
            part = slice(start, start + _ROWS)
            state = RowState(rows.weights[part], moment, grid.of_rows(part), codes[part])
            for _ in range(int(settings["passes"])):
                for inside in coupled_windows(moment, self.widest(settings), context.rng):
                    qubos = state.window(inside)
                    with self.window(context):
                        bits = solve(qubos)
                    state.take(inside, qubos, bits)
            codes[part] = state.codes
        return RoundedLayer(codes, grid)

    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Count GPTQ, building the windows, and solving them."""
        count, columns = rows.weights.shape
        widths = window_widths(columns, self.widest(settings)) * int(settings["passes"])
        building = Effort(
            work={
                "gemm_flop": sum(4.0 * count * width * (columns + 3 * width) for width in widths),
                "elementwise": sum(5.0 * count * width**2 for width in widths),
            }
        )
        solving = Effort.sum(self.window_effort(count, width, settings, shots) for width in widths)
        return gptq_effort(rows) + building + solving

    def widest(self, settings: Settings) -> int:
        """Return the most columns of a window."""
        return int(settings.get("width", 0)) or self.width
