"""Scaling by activity (AWQ, arXiv:2306.00978): weights of large inputs are made larger before rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.grid import Grid, fit_grid
from qwatt.stages.deployment.quantise.layer_error import row_errors
from qwatt.stages.deployment.quantise.method import QuantiseMethod, grid_effort
from qwatt.stages.deployment.quantise.problem import RoundedLayer
from qwatt.stages.deployment.quantise.workbench import Rows

_EXPONENTS = np.linspace(0.0, 1.0, 21)
"""The paper's grid of 20 steps."""


@method
class Awq(QuantiseMethod):
    """Round to nearest after each input's weights are multiplied by its root mean square to some power.

    The power that leaves the least error of the outputs is taken; the inputs are divided by the same. The
    paper folds that division into the layer before; here the scales are stored, and counted, with the layer.
    """

    name = "awq"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2306.00978",)

    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Try every power."""
        return min(
            (self._scaled(rows, grid, exponent, str(settings["clip"])) for exponent in _EXPONENTS),
            key=lambda found: float(row_errors(found.weights - rows.weights, rows.moment).sum()),
        )

    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Count a grid and an error of the outputs for every power."""
        count, columns = rows.weights.shape
        once = Effort(work={"elementwise": 6.0 * rows.weights.size, "gemm_flop": 4.0 * count * columns**2})
        return Effort.sum([grid_effort(rows), once] * len(_EXPONENTS))

    def _scaled(self, rows: Rows, grid: Grid, exponent: float, clip: str) -> RoundedLayer:
        scale = input_scale(rows, exponent)
        weights = rows.weights * scale
        own = fit_grid(weights, grid.bits, grid.group, clip, rows.moment.diagonal() / scale**2)
        return RoundedLayer(own.nearest(weights), own, scale)


def input_scale(rows: Rows, exponent: float) -> NDArray[np.float32]:
    """Return the scales, whose geometric mean is 1, as a float16 has them; shape (columns,)."""
    size = np.sqrt(np.maximum(rows.moment.diagonal(), 1e-12))
    scale = np.exp(exponent * (np.log(size) - np.log(size).mean()))
    return np.asarray(np.clip(scale, 1e-3, 1e3).astype(np.float16), dtype=np.float32)
