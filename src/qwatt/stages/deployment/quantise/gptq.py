"""GPTQ (arXiv:2210.17323): column after column, each one's error made up for by those that are still free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.grid import Codes, Grid
from qwatt.stages.deployment.quantise.method import COMMON, QuantiseMethod
from qwatt.stages.deployment.quantise.problem import RoundedLayer
from qwatt.stages.deployment.quantise.workbench import Moment, Rows

_BLOCK = 64
"""Columns whose errors are passed on together to those behind the block; it changes nothing but the speed."""

DAMPING: dict[str, Sequence[Any]] = {"damping": (0.01, 0.1)}
"""What is added to the second moments' diagonal, as a share of its mean."""


@method
class Gptq(QuantiseMethod):
    """GPTQ with static groups; columns in the order of their inputs' size ("act-order"), or as they are."""

    name = "gptq"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2210.17323",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**COMMON, **DAMPING, "order": ("activity", "natural")}

    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Round all rows at once, as they share the input."""
        by_activity = settings["order"] == "activity"
        return RoundedLayer(gptq(rows, grid, float(settings["damping"]), by_activity), grid)

    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Count the error of each column in those behind it, and three factorisations of the moments."""
        return gptq_effort(rows)


def gptq(rows: Rows, grid: Grid, damping: float, by_activity: bool = True) -> Codes:
    """Return the codes that GPTQ finds, shape (rows, columns).

    Args:
        rows: weights and the second moments of their input.
        grid: fitted beforehand, so that it does not depend on the order.
        damping: share of the moments' mean diagonal that is added to it.
        by_activity: take the columns with the largest inputs first.
    """
    moment = damped(rows.moment, damping)
    columns = len(moment)
    order = np.argsort(-moment.diagonal(), kind="stable") if by_activity else np.arange(columns)
    upper = feedback(moment[np.ix_(order, order)])
    left = rows.weights[:, order].astype(np.float64)
    steps, offsets, top = grid.steps[:, order], grid.offsets[:, order], grid.top[:, 0]
    codes = np.zeros(left.shape, dtype=np.uint8)
    for start in range(0, columns, _BLOCK):
        stop = min(start + _BLOCK, columns)
        errors = np.zeros((len(left), stop - start))
        for j in range(start, stop):
            step, offset = steps[:, j], offsets[:, j]
            place = np.clip(np.rint(left[:, j] / step) + offset, 0.0, top)
            codes[:, j] = place
            error = (left[:, j] - (place - offset) * step) / upper[j, j]
            left[:, j:stop] -= error[:, None] * upper[j, j:stop]
            errors[:, j - start] = error
        left[:, stop:] -= errors @ upper[start:stop, stop:]
    back = np.empty_like(codes)
    back[:, order] = codes
    return back


def damped(moment: Moment, damping: float) -> Moment:
    """Return the moments with a share of their mean diagonal added to it; never singular."""
    mean = float(moment.diagonal().mean()) or 1.0
    return np.asarray(moment + damping * mean * np.eye(len(moment)))


def feedback(moment: Moment) -> NDArray[np.float64]:
    """Return the upper Cholesky factor of the inverse (eq. 3 and "Cholesky reformulation" of the paper)."""
    inverse = np.linalg.inv(moment)
    return np.asarray(np.linalg.cholesky((inverse + inverse.T) / 2).T)


def gptq_effort(rows: Rows) -> Effort:
    """Return what GPTQ takes for some rows: float64 products count twice those of float32."""
    count, columns = rows.weights.shape
    factorising = 2.0 * (columns**3 * (2 + 1 / 3))
    work = {"gemm_flop": factorising + 2.0 * count * columns**2, "elementwise": 10.0 * count * columns}
    return Effort(work=work | {"iteration": 0.2 * columns})
