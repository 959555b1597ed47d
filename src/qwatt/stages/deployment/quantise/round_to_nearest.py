"""Every weight becomes the nearest number of its grid, whatever the layer reads."""

from __future__ import annotations

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.grid import Grid
from qwatt.stages.deployment.quantise.method import QuantiseMethod
from qwatt.stages.deployment.quantise.problem import RoundedLayer
from qwatt.stages.deployment.quantise.workbench import Rows


@method
class RoundToNearest(QuantiseMethod):
    """Round to nearest: no weight knows of another."""

    name = "round-to-nearest"
    kind = Kind.CONTROL
    sources = ("doi:10.1109/18.720541",)

    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Round."""
        return RoundedLayer(grid.nearest(rows.weights), grid)

    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Count a pass over the weights."""
        return Effort(work={"elementwise": float(rows.weights.size)})
