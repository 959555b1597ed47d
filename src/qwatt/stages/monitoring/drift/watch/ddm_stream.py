"""DDM on a stream without end, a window's errors at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.stages.monitoring.drift.ddm import WARM_START, Ddm
from qwatt.stages.monitoring.drift.watch.detector import Setup
from qwatt.stages.monitoring.drift.watch.sampled_stream import ScoreStream

_DEVIATIONS = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 20.0)


class DdmStream(ScoreStream):
    """The rate of errors; an alarm where it is some deviations above its lowest, which then is forgotten.

    Args:
        setup: of the watch; the setting "quantile" tells errors.
    """

    def __init__(self, setup: Setup) -> None:
        self._deviations = 0.0
        self._count = self._errors = 0
        self._p_min = self._s_min = np.inf
        super().__init__(Ddm(), setup, _DEVIATIONS)

    def begin(self, threshold: float) -> None:
        """Forget everything."""
        self._deviations = threshold
        self._forget()

    def read(self, scores: NDArray[np.float64]) -> int:
        """Read errors, 0 or 1; return the alarms."""
        alarms, left = 0, scores
        while len(left):
            number = self._count + np.arange(1, len(left) + 1)
            p = (self._errors + np.cumsum(left)) / number
            s = np.sqrt(p * (1.0 - p) / number)
            p_min, s_min = self._lowest(number, p, s)
            over = np.flatnonzero((number > WARM_START) & (p + s > p_min + self._deviations * s_min))
            if not len(over):
                self._count, self._errors = int(number[-1]), self._errors + int(left.sum())
                self._p_min, self._s_min = float(p_min[-1]), float(s_min[-1])
                break
            alarms += 1
            self._forget()
            left = left[over[0] + 1 :]
        return alarms

    @property
    def level(self) -> float:
        """The rate of errors since the last alarm, 0 before the first row."""
        return self._errors / max(1, self._count)

    def state(self) -> dict[str, Any]:
        """Return the counts and the lowest rate; None before there is one."""
        lowest = None if np.isinf(self._p_min) else [self._p_min, self._s_min]
        return self.remembered({"count": self._count, "errors": self._errors, "lowest": lowest})

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on counting."""
        self._count, self._errors = int(state["count"]), int(state["errors"])
        self._p_min, self._s_min = state["lowest"] or (np.inf, np.inf)

    def _forget(self) -> None:
        self._count = self._errors = 0
        self._p_min = self._s_min = np.inf

    def _lowest(
        self, number: NDArray[np.int64], p: NDArray[np.float64], s: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return p and s of where p + s was lowest up to each error, from `WARM_START` on."""
        total = np.concatenate([[self._p_min + self._s_min], np.where(number > WARM_START, p + s, np.inf)])
        lowest = np.minimum.accumulate(total)
        place = np.maximum.accumulate(np.where(total <= lowest, np.arange(len(total)), 0))[1:]
        every = (np.concatenate([[first], values]) for first, values in ((self._p_min, p), (self._s_min, s)))
        p_min, s_min = (np.asarray(values[place], dtype=np.float64) for values in every)
        warm = number > WARM_START
        return np.where(warm, p_min, np.inf), np.where(warm, s_min, np.inf)
