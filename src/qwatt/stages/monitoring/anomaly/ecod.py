"""ECOD: the tails of empirical distributions, column by column (arXiv:2201.00382)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores


@method
class Ecod(AnomalyMethod):
    """Minus the log of the share of clean texts as far out or further, added over the columns.

    With `tails` "column" the rarer tail of each column counts, as in the PyOD library; with "row" the largest
    of three sums does, of left tails, of right ones, and of those that the skewness points to (algorithm 1).
    A scored text is counted among the clean ones, so that no share is 0.
    """

    name = "ecod"
    kind = Kind.CLASSICAL
    sources = ("arXiv:2201.00382",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"tails": ("column", "row")}

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Sort every column and note which way it is skewed."""
        with context.phase(Ring.KERNEL, "train"):
            centred = rows - rows.mean(axis=0)
            return Fitted({"sorted": np.sort(rows, axis=0), "skew": np.sign((centred**3).mean(axis=0))})

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return the sums."""
        ordered, skew = arrays["sorted"], arrays["skew"]
        count = len(ordered) + 1.0
        left, right = np.empty_like(rows), np.empty_like(rows)
        for column in range(rows.shape[1]):
            own, values = ordered[:, column], rows[:, column]
            left[:, column] = -np.log((np.searchsorted(own, values, side="right") + 1.0) / count)
            right[:, column] = -np.log((count - np.searchsorted(own, values, side="left")) / count)
        skewed = np.where(skew < 0, left, np.where(skew > 0, right, left + right))
        if settings["tails"] == "column":
            return np.asarray(np.maximum(np.maximum(left, right), skewed).sum(axis=1))
        sums = [tails.sum(axis=1) for tails in (left, right, skewed)]
        return np.asarray(np.max(sums, axis=0))

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Count the sorting."""
        n, d = shape
        return Effort(work={"elementwise": 2.0 * n * d * np.log2(n + 1)})

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Count two searches and two logarithms a value, and the loop over columns."""
        searched = 2.0 * np.log2(shape[0] + 1)
        return Effort(work={"elementwise": (searched + 8.0) * rows * shape[1], "iteration": 0.3 * shape[1]})
