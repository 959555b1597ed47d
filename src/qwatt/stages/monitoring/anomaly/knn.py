"""Distance to the nearest clean texts (Ramaswamy, Rastogi and Shim, SIGMOD 2000)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import squared_distances
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores


@method
class NearestNeighbours(AnomalyMethod):
    """The distance to the k-th nearest clean text."""

    name = "knn"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1145/342009.335437",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"neighbours": (5, 1, 3, 10, 20)}

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Keep the rows."""
        return Fitted({"train": rows})

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return the distances."""
        squares = squared_distances(rows, arrays["train"])
        place = min(int(settings["neighbours"]), squares.shape[1]) - 1
        return np.asarray(np.sqrt(np.partition(squares, place, axis=1)[:, place]))

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Nothing is computed."""
        return Effort()

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Count a product with all clean rows, and a pass that parts their distances."""
        return Effort(
            work={"gemm_flop": 2.0 * rows * shape[0] * shape[1], "elementwise": float(rows * shape[0])}
        )
