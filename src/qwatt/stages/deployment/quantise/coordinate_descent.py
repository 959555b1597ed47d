"""Coordinate descent over all codes (QuantEase, arXiv:2309.01885), begun with GPTQ's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.gptq import DAMPING, damped, gptq, gptq_effort
from qwatt.stages.deployment.quantise.grid import Codes, Grid
from qwatt.stages.deployment.quantise.method import COMMON, LIMITS, QuantiseMethod
from qwatt.stages.deployment.quantise.problem import RoundedLayer
from qwatt.stages.deployment.quantise.workbench import Moment, Rows


@method
class CoordinateDescent(QuantiseMethod):
    """GPTQ, then column after column the best of all its codes given the others, until none changes."""

    name = "coordinate-descent"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2309.01885", "arXiv:2210.17323")
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**COMMON, **DAMPING, "sweeps": (20,)}
    limits: ClassVar[Mapping[str, Limit]] = {**LIMITS, "sweeps": (1, 1_000)}

    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Descend in all rows at once."""
        damping = float(settings["damping"])
        moment = damped(rows.moment, damping)
        start = gptq(rows, grid, damping)
        return RoundedLayer(descended_codes(rows, moment, grid, start, int(settings["sweeps"])), grid)

    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Count half of the sweeps: most rows stop before the last."""
        count, columns = rows.weights.shape
        sweeps = 0.5 * settings["sweeps"]
        updates = {"elementwise": sweeps * columns * count * (columns / 4.0 + 8.0)}
        return gptq_effort(rows) + Effort(work=updates | {"iteration": 0.3 * sweeps * columns})


def descended_codes(rows: Rows, moment: Moment, grid: Grid, codes: Codes, sweeps: int) -> Codes:
    """Return codes of which no single one can be changed for the better, or those after the last sweep.

    Args:
        rows: the weights.
        moment: of their input, damped.
        grid: of the rows.
        codes: to begin with.
        sweeps: at most.
    """
    steps, zeros, top = grid.steps.astype(np.float64), grid.offsets, grid.top[:, 0]
    found = codes.astype(np.float64)
    values = (found - zeros) * steps
    pull = (values - rows.weights) @ moment
    for _ in range(sweeps):
        changed = False
        for j in range(len(moment)):
            wanted = values[:, j] - pull[:, j] / moment[j, j]
            best = np.clip(np.rint(wanted / steps[:, j] + zeros[:, j]), 0.0, top)
            moved = np.flatnonzero(best != found[:, j])
            if not len(moved):
                continue
            changed = True
            pull[moved] += ((best - found[:, j]) * steps[:, j])[moved, None] * moment[j]
            found[:, j] = best
            values[:, j] = (best - zeros[:, j]) * steps[:, j]
        if not changed:
            break
    return found.astype(np.uint8)
