"""A detector of outliers on the code of `monitoring/anomaly`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OutlierMixin
from sklearn.utils.validation import check_is_fitted

from qwatt.core.method import Settings
from qwatt.core.threads import one_thread
from qwatt.sklearn.estimator import BACKEND, CircuitEstimator
from qwatt.sklearn.maps import machine


class QuantumOneClass(OutlierMixin, CircuitEstimator):  # type: ignore[misc]
    """One-class SVM on a fidelity kernel (arXiv:2208.01203).

    Args:
        feature_map: "iqp" on a ring, "product" without entanglement, or "amplitude" of whole rows.
        wires: qubits of the first two; the last takes as many as the row needs.
        bandwidth: what the components of the first two are multiplied by (arXiv:2111.05451).
        lift: of the last, a constant in units of the row's length.
        nu: most of the training samples outside, and least that are support vectors, as shares.
        shots: of each circuit; None for exact values.
        backend: where the circuits run.
        random_state: of the shots.

    Attributes:
        offset_: score below which a sample is an outlier.
        facts_: mean and deviation of the kernel, and whether it is `concentrated`, so that shots see nothing.
    """

    def __init__(
        self,
        feature_map: str = "iqp",
        wires: int = 8,
        bandwidth: float = 0.3,
        lift: float = 0.0,
        nu: float = 0.1,
        shots: int | None = None,
        backend: str = BACKEND,
        random_state: Any = None,
    ) -> None:
        self.feature_map = feature_map
        self.wires = wires
        self.bandwidth = bandwidth
        self.lift = lift
        self.nu = nu
        self.shots = shots
        self.backend = backend
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit on samples without labels, shape (samples, features)."""
        rows = self._fitting(X)
        with one_thread():
            found = machine(self.feature_map).fit(rows, self._settings(), self._context())
        self.arrays_, self.facts_ = dict(found.arrays), dict(found.facts)
        self.offset_ = float(self.arrays_["offset"][0])
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return how far inside the boundary samples are; negative for outliers."""
        check_is_fitted(self)
        rows = self._new(X)
        with one_thread():
            return -machine(self.feature_map).score(self.arrays_, self._settings(), rows, self._context())

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return the decision without the offset."""
        return np.asarray(self.decision_function(X) + self.offset_)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return 1 for inliers and -1 for outliers."""
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def _settings(self) -> Settings:
        names = ("wires", "bandwidth", "lift", "nu")
        return {name: getattr(self, name) for name in names}
