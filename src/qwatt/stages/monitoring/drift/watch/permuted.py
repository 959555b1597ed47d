"""Any detector of the task on a stream: each window against rows of the reference drawn afresh."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend
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
        self._permutations = math.ceil(_PER_LEVEL / setup.alpha) - 1
        self._encode = method.encoding(setup.fitted, self._settings)
        self._known = self._encode(setup.compared)
        self._context = Unmetered(get_backend(setup.backend), setup.shots, setup.seed)

    def notes(self) -> list[str]:
        """Say whether a kernel's bandwidth is of any use, by as many rows of the reference as a pair has."""
        rows = self._known[: 2 * self._setup.window]
        compared = self._method.compared([rows], self._settings, self._context)
        found = self._method.remarks(compared, self._settings, self._setup.shots)
        return [found["bandwidth"]] if "bandwidth" in found else []

    def look(self, rows: Rows, window: int) -> Finding:
        """Test the window against as many rows of the reference."""
        rng = self._setup.rng(window)
        drawn = self._known[rng.choice(len(self._known), len(rows), replace=False)]
        pair = np.concatenate([drawn, self._encode(rows)])
        self._context.rng = rng
        self._context.backend.seed(int(rng.integers(2**31)))
        (sample,) = self._method.compared([pair], self._settings, self._context)
        found = self._method.evidence(sample, self._settings, rng, self._permutations)
        return Finding(found.statistic, found.p_value <= self._setup.alpha, p_value=found.p_value)
