"""Detectors that read one score after another: their thresholds, from streams resampled from the reference.

ADWIN's own bound is loose and DDM has none. So scores of the reference are drawn with replacement as a stream
without drift, and of some thresholds the most sensitive one is taken that alarms in at most alpha of its
windows. That is as right as the reference is large; it is no exact test.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Settings
from qwatt.stages.monitoring.drift.problem import Rows
from qwatt.stages.monitoring.drift.typicality import ScoreDetector
from qwatt.stages.monitoring.drift.watch.detector import Detector, Finding, Setup

_WINDOWS_PER_ALARM = 20
"""Resampled windows for each that may be an alarm."""


class ScoreStream(Detector):
    """Base of the detectors of one stream of scores.

    Args:
        method: makes the scores.
        setup: its `fitted` rows make them too, its `compared` ones are resampled.
        thresholds: from the most sensitive to the least.
    """

    def __init__(self, method: ScoreDetector, setup: Setup, thresholds: Sequence[float]) -> None:
        self._settings: Settings = method.defaults() | dict(setup.settings)
        self._scores = method.encoding(setup.fitted, self._settings)
        known = self._scores(setup.compared)[:, 0]
        windows = math.ceil(_WINDOWS_PER_ALARM / setup.alpha)
        stream = setup.rng(0).choice(known, (windows, setup.window))
        rates = {}
        for threshold in thresholds:
            self.begin(threshold)
            rates[threshold] = sum(self.read(window) > 0 for window in stream) / windows
            if rates[threshold] <= setup.alpha:
                break
        self._threshold, self._rate, self._alpha = threshold, rates[threshold], setup.alpha
        self.begin(threshold)

    @abstractmethod
    def begin(self, threshold: float) -> None:
        """Forget everything, and alarm at this threshold from now on."""

    @abstractmethod
    def read(self, scores: NDArray[np.float64]) -> int:
        """Read scores one after another; return the alarms, after each of which it begins anew."""

    @property
    @abstractmethod
    def level(self) -> float:
        """Return what is remembered: a mean, or a rate of errors."""

    def look(self, rows: Rows, window: int) -> Finding:
        """Read a window's scores."""
        alarms = self.read(self._scores(rows)[:, 0])
        return Finding(self.level, alarms > 0)

    def notes(self) -> list[str]:
        """Say what the threshold is and how often it alarmed without drift."""
        over = "" if self._rate <= self._alpha else ": more than alpha, and none tried alarms less"
        return [f"threshold {self._threshold:g}: alarms in {self._rate:.3g} of resampled windows{over}"]

    def remembered(self, state: dict[str, Any]) -> dict[str, Any]:
        """Return a state with the threshold that it was reached with."""
        return {"threshold": self._threshold, **state}
