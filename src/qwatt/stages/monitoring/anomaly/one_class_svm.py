"""One-class support vector machine with a Gaussian kernel (Schoelkopf et al. 2001)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.quantum.algorithms.lloyd import squared_distances
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Arrays, Fitted, Rows, Scores
from qwatt.stages.monitoring.anomaly.support import fit_support, support_scores


@method
class OneClassSvm(AnomalyMethod):
    """exp(-|x - y|^2 / (2 s^2)), s the median distance of clean texts times the width."""

    name = "one-class-svm"
    kind = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1162/089976601750264965",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {
        "width": (1.0, 0.5, 0.25, 2.0),
        "nu": (0.1, 0.02, 0.5),
    }
    limits: ClassVar[Mapping[str, Limit]] = {"nu": (1e-3, 1.0)}

    def fit(self, rows: Rows, settings: Settings, context: Context) -> Fitted:
        """Fit on the Gaussian kernel of all pairs; the support vectors are kept."""
        with context.phase(Ring.KERNEL, "train"):
            squares = squared_distances(rows, rows)
            median = float(np.median(squares[np.triu_indices(len(rows), 1)])) or 1.0
            scale = float(settings["width"]) ** 2 * median
            found = fit_support(np.exp(-0.5 * squares / scale), float(settings["nu"]))
        support = {"support_vectors": rows[found["support"]], "scale": np.array([scale])}
        return Fitted(dict(found) | support)

    def score(self, arrays: Arrays, settings: Settings, rows: Rows, context: Context) -> Scores:
        """Return how far outside the boundary a row is."""
        squares = squared_distances(rows, arrays["support_vectors"])
        return support_scores(arrays, np.exp(-0.5 * squares / float(arrays["scale"][0])))

    def fit_effort(self, shape: tuple[int, int], settings: Settings, shots: int | None) -> Effort:
        """Count the kernel and the fit."""
        n, d = shape
        return Effort(work={"gemm_flop": 2.0 * n**2 * d, "elementwise": 2.0 * n**2, "fit": 1.0})

    def score_effort(
        self, shape: tuple[int, int], settings: Settings, rows: int, shots: int | None
    ) -> Effort:
        """Count the kernel with the support vectors: nu is the least share of them (proposition 3)."""
        pairs = rows * shape[0] * max(float(settings["nu"]), 0.2)
        return Effort(work={"gemm_flop": 2.0 * pairs * shape[1], "elementwise": pairs})
