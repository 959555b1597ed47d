"""Mahalanobis distance with a shrunk covariance (Ledoit and Wolf 2004)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores

if TYPE_CHECKING:
    from sklearn import covariance
else:
    covariance = lazy("sklearn.covariance")


@method
class Mahalanobis(AnomalyMethod):
    """(x - m) C^-1 (x - m), the covariance C drawn towards a sphere.

    The shrinkage "ledoit-wolf" is the one that minimises the expected error; a number is taken as it is.
    """

    name = "mahalanobis"
    kind = Kind.CLASSICAL
    sources = ("doi:10.1016/S0047-259X(03)00096-4",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {"shrinkage": ("ledoit-wolf", 0.5, 0.1, 0.9)}

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Return the mean and the inverse covariance."""
        shrinkage = settings["shrinkage"]
        with context.phase(Ring.KERNEL, "train"):
            if shrinkage == "ledoit-wolf":
                found = covariance.LedoitWolf().fit(rows)
            else:
                found = covariance.ShrunkCovariance(shrinkage=float(shrinkage)).fit(rows)
        return Fitted({"mean": found.location_, "precision": found.precision_})

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return the squared distances."""
        centred = rows - arrays["mean"]
        return np.asarray(((centred @ arrays["precision"]) * centred).sum(axis=1))

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Count the covariance twice, once for its shrinkage, and an inverse by singular values."""
        n, d = shape
        return Effort(work={"gemm_flop": 4.0 * n * d**2 + 20.0 * d**3, "fit": 1.0})

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Count one product with the precision."""
        return Effort(work={"gemm_flop": 2.0 * rows * shape[1] ** 2})
