"""An e-process over the whole stream: the chance that it ever gives a false alarm is at most alpha.

Bounds of the reference's means hold with 1 - alpha / 2. Against each bound games are played: whose mean lies
within gains nothing from betting that it lies beyond (arXiv:2010.09686). Mean wealth over games that begin at
every window, the j-th with a share of 1 / (j (j + 1)), is a wealth too (a mixture of e-processes), which a
late change finds as ready as an early one. It exceeds 2 / alpha with a chance of at most alpha / 2 (Ville).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.monitoring.drift.problem import Rows
from qwatt.stages.monitoring.drift.watch.bounded import BoundedNumbers, mean_intervals
from qwatt.stages.monitoring.drift.watch.detector import Detector, Finding, Setup

STAKES = np.array([0.02, 0.05, 0.1, 0.2, 0.4])
"""Bet on each row, of what may be lost."""
_MOST_WEALTH = 1e250


class Bets(Detector):
    """Wealth of bets that some mean has left the reference's interval; an alert begins the games anew.

    Args:
        setup: ranks are found from its `fitted` rows, means from its `compared` ones.
    """

    def __init__(self, setup: Setup) -> None:
        self._numbers = BoundedNumbers.of(setup.fitted)
        self._low, self._high = mean_intervals(self._numbers(setup.compared), setup.alpha / 2)
        self._threshold = 2.0 / setup.alpha
        self._windows = 0
        self._running = np.zeros((2, len(self._low), len(STAKES)))

    def look(self, rows: Rows, window: int) -> Finding:
        """Play a window's rows, and compare the mean wealth with the threshold."""
        self._windows += 1
        share = 1.0 / (self._windows * (self._windows + 1))
        gains = self._gains(self._numbers(rows))
        self._running = np.minimum((self._running + share) * gains, _MOST_WEALTH)
        wealth = float(self._running.mean()) + 1.0 / (self._windows + 1)
        alert = wealth >= self._threshold
        if alert:
            self._windows, self._running = 0, np.zeros_like(self._running)
        return Finding(wealth, alert, e_value=wealth)

    def state(self) -> dict[str, Any]:
        """Return the windows since the last alert, and the wealth of all games."""
        return {"windows": self._windows, "wealth": self._running.tolist()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on playing."""
        self._windows, self._running = int(state["windows"]), np.array(state["wealth"])

    def notes(self) -> list[str]:
        """Say what the guarantee is, and how large a shift of ranks cannot be noticed."""
        count = len(self._low) // 2
        width = float((self._high - self._low)[:count].mean())
        return [
            f"the chance of any false alert before the first is at most alpha; mean ranks are known to "
            f"{width / 2:.2g} by the reference, and smaller shifts are no alerts: a longer one knows more"
        ]

    def _gains(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each game multiplies its wealth by, shape (2, columns, stakes).

        A row of a number v gains stake (v - high) / high above, which may lose the stake at most, and
        stake (low - v) / (1 - low) below.
        """
        above = (numbers - self._high) / np.maximum(self._high, 1e-9)
        below = (self._low - numbers) / np.maximum(1.0 - self._low, 1e-9)
        logs = np.stack([np.log1p(STAKES * side[:, :, None]).sum(axis=0) for side in (above, below)])
        return np.asarray(np.exp(np.clip(logs, -500.0, 500.0)))
