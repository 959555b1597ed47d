"""Control: a number that has nothing to do with the text."""

from __future__ import annotations

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores


@method
class RandomScore(AnomalyMethod):
    """Uniform numbers: the average precision is about the share of anomalies."""

    name = "random-score"
    kind = Kind.CONTROL
    sources = ("random control",)

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Keep nothing."""
        return Fitted({})

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Draw."""
        return np.asarray(context.rng.random(len(rows)))

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Nothing is computed."""
        return Effort()

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Count a number a row."""
        return Effort(work={"elementwise": float(rows)})
