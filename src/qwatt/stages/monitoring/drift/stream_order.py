"""Detectors of streams as two-sample tests: they read the reference's scores, then the window's."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.method import Settings
from qwatt.stages.monitoring.drift.method import Evidence
from qwatt.stages.monitoring.drift.permutation import Labels, p_value
from qwatt.stages.monitoring.drift.typicality import ScoreDetector


class OrderDetector(ScoreDetector):
    """Base of the detectors that read one score after another.

    Without drift every order of the scores is as likely as the one they came in, so that the threshold is
    found among those of random orders.
    """

    @abstractmethod
    def of_orders(self, streams: NDArray[np.float64], settings: Settings) -> NDArray[np.float64]:
        """Return the statistic of each stream, whose second half is the window.

        Args:
            streams: shape (orders, texts).
            settings: the method's.
        """

    def evidence(self, sample: Any, settings: Settings, rng: np.random.Generator, least: int = 0) -> Evidence:
        """Rank the observed order among random ones."""
        scores = sample[:, 0]
        others = rng.permuted(np.tile(scores, (max(self.permutations, least), 1)), axis=1)
        found = self.of_orders(np.concatenate([scores[None], others]), settings)
        return Evidence(float(found[0]), p_value(found))

    def statistics(self, sample: Any, assigned: Labels, settings: Settings) -> NDArray[np.float64]:
        """Return the statistic with the texts of each assignment's reference first."""
        scores = sample[:, 0]
        streams = np.stack([np.concatenate([scores[~row], scores[row]]) for row in assigned])
        return self.of_orders(streams, settings)
