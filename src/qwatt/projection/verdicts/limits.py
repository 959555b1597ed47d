"""What limits an enhancement: quality, size, hardware, or that it loses even with a free QPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from qwatt.projection.futures.outcome import DrawnOutcome
from qwatt.projection.scaling.quantile import Array, Mask
from qwatt.projection.verdicts.ceiling import Ceiling

Limit = Literal["by construction", "quality", "size", "hardware"]

MEANINGS: dict[Limit, str] = {
    "by construction": "it loses or ties even with a free QPU of any size",
    "quality": "in most futures it does not reach the best classical quality",
    "size": "in most futures no machine can run it by the last year",
    "hardware": "machines can run it, but they are too slow, draw too much power, err or are read too often",
}
"""The first that holds, in this order; "hardware" is what remains."""


@dataclass(frozen=True)
class Shares:
    """In which shares of the futures an enhancement fails, and how."""

    ties: float
    misses_quality: float
    cannot_run: float
    free_qpu: bool = False

    @property
    def limit(self) -> Limit | None:
        """What limits it: the first condition that fails in more than half of the futures, else hardware.

        With a free QPU neither size nor hardware limits anything, so that there may be none.
        """
        if self.ties > 0.5:
            return "by construction"
        if self.misses_quality > 0.5:
            return "quality"
        if self.free_qpu:
            return None
        return "size" if self.cannot_run > 0.5 else "hardware"


def shares(outcome: DrawnOutcome, most: Ceiling, weights: Array, free_qpu: bool = False) -> Shares:
    """Return in which shares of the futures an enhancement fails: no ceiling, no quality, no machine."""

    def share(mask: Mask) -> float:
        return float(weights[mask].sum() / weights.sum())

    cannot_run = np.asarray(outcome.first_runs < 0)
    return Shares(share(np.asarray(most.kwh <= 0)), share(~outcome.reaches), share(cannot_run), free_qpu)
