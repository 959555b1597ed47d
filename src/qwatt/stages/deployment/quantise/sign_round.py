"""SignRound (auto-round, arXiv:2309.05516): offsets and ends of ranges learnt by signs of gradients."""

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


@method
class SignRound(QuantiseMethod):
    """Each weight's offset in [-0.5, 0.5] and each range's two ends, learnt layer by layer.

    A short form: the error of each layer's outputs by second moments instead of a block's, and no inputs that
    are rounded already. The grid is its own, as the ends of ranges are learnt; it begins with everyone's.
    """

    name = "sign-round"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2309.05516",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**COMMON, "steps": (200, 1_000)}
    limits: ClassVar[Mapping[str, Limit]] = {**LIMITS, "steps": (1, 100_000)}

    def rounded(self, rows: Rows, grid: Grid, settings: Settings, context: Context) -> RoundedLayer:
        """Learn all rows at once."""
        return learnt(rows, grid, int(settings["steps"]))

    def rows_effort(self, rows: Rows, settings: Settings, shots: int | None) -> Effort:
        """Count a product with the moments and some passes over the weights for each step."""
        steps, (count, columns) = float(settings["steps"]), rows.weights.shape
        work = {"gemm_flop": steps * 2.0 * count * columns**2, "elementwise": 8.0 * steps * count * columns}
        return Effort(work=work | {"iteration": 6.0 * steps})


class Offsets:
    """What is learnt: offsets (rows, columns) and the shares of both ends (rows, groups) of each range.

    Args:
        rows: the weights.
        grid: to begin with.
    """

    def __init__(self, rows: Rows, grid: Grid) -> None:
        self._grid, self._weights = grid, torch.from_numpy(rows.weights)
        self._top = torch.from_numpy(grid.top)
        scale, zero = torch.from_numpy(grid.scale), torch.from_numpy(grid.zero.astype(np.float32))
        self._low, self._high = -zero * scale, (self._top - zero) * scale
        self.offset = torch.zeros(rows.weights.shape, requires_grad=True)
        self.low_share = torch.ones(grid.scale.shape, requires_grad=True)
        self.high_share = torch.ones(grid.scale.shape, requires_grad=True)

    def parts(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return scale and zero (rows, groups), and codes (rows, columns); all of them let gradients pass."""
        wide = (self._high * self.high_share - self._low * self.low_share) / self._top
        scale = _through(wide, wide.half().float())
        zero = -self._low * self.low_share / scale
        zero = _through(zero, torch.clamp(zero.round(), torch.zeros(()), self._top))
        place = self._weights / self._spread(scale) + self.offset
        codes = _through(place, place.round()) + self._spread(zero)
        return scale, zero, torch.minimum(codes.clamp_min(0.0), self._top)

    def difference(self) -> torch.Tensor:
        """Return rounded minus own weights."""
        scale, zero, codes = self.parts()
        return (codes - self._spread(zero)) * self._spread(scale) - self._weights

    def answer(self) -> RoundedLayer:
        """Return what was learnt as data."""
        with torch.no_grad():
            scale, zero, codes = (part.numpy() for part in self.parts())
        old = self._grid
        grid = Grid(scale, zero.astype(np.uint8), old.bits, old.group, old.columns)
        return RoundedLayer(codes.astype(np.uint8), grid)

    def step(self, rate: float) -> None:
        """Go against the sign of each gradient, within bounds."""
        with torch.no_grad():
            for values, low, high in (
                (self.offset, -0.5, 0.5),
                (self.low_share, 0.1, 1.0),
                (self.high_share, 0.1, 1.0),
            ):
                if values.grad is not None:
                    values.sub_(rate * values.grad.sign()).clamp_(low, high)
                    values.grad = None

    def _spread(self, values: torch.Tensor) -> torch.Tensor:
        return values.repeat_interleave(self._grid.group, dim=1)[:, : self._grid.columns]


def learnt(rows: Rows, grid: Grid, steps: int) -> RoundedLayer:
    """Return the best of all steps; the rate falls linearly from 1 / steps to 0, as the paper's."""
    moment = torch.from_numpy(rows.moment.astype(np.float32))
    offsets = Offsets(rows, grid)
    best, least = offsets.answer(), np.inf
    for step in range(steps):
        difference = offsets.difference()
        loss = ((difference @ moment) * difference).sum()
        if float(loss.detach()) < least:
            best, least = offsets.answer(), float(loss.detach())
        loss.backward()  # type: ignore[no-untyped-call]
        offsets.step((1.0 - step / steps) / steps)
    return best


def _through(values: torch.Tensor, rounded: torch.Tensor) -> torch.Tensor:
    """Return what was rounded, with the gradient of what was not."""
    return values + (rounded - values).detach()
