"""Any detector of the task on a stream: each window against rows of the reference drawn afresh."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend
from qwatt.stages.monitoring.drift.permutation import PERMUTATIONS, labels, p_value
from qwatt.stages.monitoring.drift.problem import Rows
from qwatt.stages.monitoring.drift.watch.detector import Detector, Finding, Setup

if TYPE_CHECKING:
    from qwatt.stages.monitoring.drift.method import DriftMethod

_PER_LEVEL = 10
"""Assignments for each that is expected to be an alarm."""


class PermutedDetector(Detector):
    """A statistic, and how it falls among those of permuted labels.

    Args:
        method: of the task.
        setup: what it is compared with.
    """

    def __init__(self, method: DriftMethod, setup: Setup) -> None:
        self._method = method
        self._setup = setup
        self._settings = method.defaults() | dict(setup.settings)
        self._permutations = max(PERMUTATIONS, math.ceil(_PER_LEVEL / setup.alpha) - 1)
        self._known = method.encoded(setup.compared, self._settings)
        self._context = Unmetered(get_backend(setup.backend), setup.shots, setup.seed)

    def look(self, rows: Rows, window: int) -> Finding:
        """Test the window against as many rows of the reference."""
        rng = self._setup.rng(window)
        drawn = self._known[rng.choice(len(self._known), len(rows), replace=False)]
        pair = np.concatenate([drawn, self._method.encoded(rows, self._settings)])
        self._context.rng = rng
        self._context.backend.seed(int(rng.integers(2**31)))
        (sample,) = self._method.compared([pair], self._settings, self._context)
        assigned = labels(len(sample), rng, self._permutations)
        found = self._method.statistics(sample, assigned, self._settings)
        value = p_value(found)
        return Finding(float(found[0]), value <= self._setup.alpha, p_value=value)
