"""AdaRound (arXiv:2004.10568): each weight's choice of down or up relaxed to a number, and learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.grid import Grid
from qwatt.stages.deployment.quantise.method import COMMON, LIMITS, QuantiseMethod
from qwatt.stages.deployment.quantise.problem import RoundedLayer
from qwatt.stages.deployment.quantise.workbench import Rows

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _dynamo = lazy("torch._dynamo")  # torch imports it at an optimiser's first step

_STRETCH = (-0.1, 1.1)
"""Of the sigmoid, so that it reaches 0 and 1 (eq. 23)."""
_SHARPNESS = (20.0, 2.0)
"""The exponent of the regulariser, annealed from the first to the second."""
_WARM_UP = 0.2
"""Share of the steps without the regulariser."""
_RATE = 0.03
_PULL = 10.0
"""Weight of the regulariser, the error being counted in what rounding to nearest leaves, a weight.

Rate and weight were chosen on one layer of the decoder "small" among rates of 0.01 to 0.1 and weights of
0.01 to 100: with weights below 1 most choices are undecided at the end.
"""


@method
class AdaRound(QuantiseMethod):
    """Adam on the relaxed rounding QUBO, on second moments instead of the samples themselves.

    Each layer by itself, its float inputs given; the paper trains on inputs that are rounded already.
    """

    name = "adaround"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2004.10568",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**COMMON, "steps": (1_000,)}
    limits: ClassVar[Mapping[str, Limit]] = {**LIMITS, "steps": (1, 100_000)}

    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Learn all rows at once."""
        below = np.clip(np.floor(rows.weights / grid.steps + grid.offsets), 0.0, grid.top - 1.0)
        up = learnt(rows, grid, below, int(settings["steps"]))
        return RoundedLayer((below + up).astype(np.uint8), grid)

    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Count a product with the moments and a few passes over the weights for each step."""
        steps, (count, columns) = float(settings["steps"]), rows.weights.shape
        flop = 2.0 * count * columns**2
        work = {"gemm_flop": steps * flop, "elementwise": 6.0 * steps * count * columns}
        return Effort(work=work | {"iteration": 4.0 * steps})


def learnt(rows: Rows, grid: Grid, below: np.ndarray, steps: int) -> np.ndarray:
    """Return 1 where a weight is to be rounded up, shape (rows, columns)."""
    weights, sizes = torch.from_numpy(rows.weights), torch.from_numpy(grid.steps)
    moment = torch.from_numpy(rows.moment.astype(np.float32))
    low = torch.from_numpy((below - grid.offsets) * grid.steps - rows.weights)
    nearest = torch.from_numpy(grid.values(grid.nearest(rows.weights))) - weights
    unit = float(((nearest @ moment) * nearest).sum()) / weights.numel() or 1.0
    share = (-low / sizes).clamp(0.01, 0.99)
    first, last = _STRETCH
    hidden = torch.logit((share - first) / (last - first)).requires_grad_()
    optimiser = torch.optim.Adam([hidden], lr=_RATE)
    for step in range(steps):
        up = (torch.sigmoid(hidden) * (last - first) + first).clamp(0.0, 1.0)
        difference = low + up * sizes
        loss = ((difference @ moment) * difference).sum() / unit
        progress = (step / steps - _WARM_UP) / (1.0 - _WARM_UP)
        if progress >= 0.0:
            exponent = _SHARPNESS[0] + (_SHARPNESS[1] - _SHARPNESS[0]) * progress
            loss = loss + _PULL * (1.0 - (2.0 * up - 1.0).abs().pow(exponent)).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return np.asarray(hidden.detach().numpy() > 0.0)
