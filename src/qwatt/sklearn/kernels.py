"""Transformers on the code of `monitoring/anomaly`: kernel values, and single-qubit states as features."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from qwatt.core.method import Settings
from qwatt.sklearn.estimator import BACKEND, CircuitEstimator, Samples
from qwatt.sklearn.maps import machine
from qwatt.stages.monitoring.anomaly.components import fit_components
from qwatt.stages.monitoring.anomaly.projected_kernel import ProjectedKernel


class FidelityKernel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, CircuitEstimator):  # type: ignore[misc]
    """|<x|x_i>|^2 with every training sample x_i: what an estimator with kernel="precomputed" takes.

    Args:
        feature_map: "iqp" on a ring, "product" without entanglement, or "amplitude" of whole rows.
        wires: qubits of the first two; the last takes as many as the row needs.
        bandwidth: what the components of the first two are multiplied by (arXiv:2111.05451).
        lift: of the last, a constant in units of the row's length.
        shots: of each circuit; None for exact values.
        backend: where the circuits run.
        random_state: of the shots.
    """

    def __init__(
        self,
        feature_map: str = "iqp",
        wires: int = 8,
        bandwidth: float = 0.3,
        lift: float = 0.0,
        shots: int | None = None,
        backend: str = BACKEND,
        random_state: Any = None,
    ) -> None:
        self.feature_map = feature_map
        self.wires = wires
        self.bandwidth = bandwidth
        self.lift = lift
        self.shots = shots
        self.backend = backend
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Keep the samples, shape (samples, features), as the map takes them."""
        rows = self._fitting(X)
        kernel = machine(self.feature_map)
        self.arrays_ = kernel.fit_inputs(rows, self._settings())
        self.train_ = kernel.inputs(self.arrays_, self._settings(), rows)
        self._n_features_out = len(rows)
        return self

    def transform(self, X: Any) -> Samples:
        """Return the kernel with the training samples, shape (samples, training samples)."""
        check_is_fitted(self)
        rows, kernel = self._new(X), machine(self.feature_map)
        circuit = kernel.feature_map((len(self.train_), rows.shape[1]), self._settings())
        x = kernel.inputs(self.arrays_, self._settings(), rows)
        return kernel.overlaps(circuit, x, self.train_, self._context())

    def _settings(self) -> Settings:
        return {"wires": self.wires, "bandwidth": self.bandwidth, "lift": self.lift}


class ProjectedFeatureMap(ClassNamePrefixFeaturesOutMixin, TransformerMixin, CircuitEstimator):  # type: ignore[misc]
    """X and Y of every qubit after the IQP map on a ring (arXiv:2011.01938): features for any estimator.

    Args:
        wires: qubits.
        bandwidth: what the components are multiplied by.
        shots: of each circuit; None for exact values.
        backend: where the circuits run.
        random_state: of the shots.
    """

    def __init__(
        self,
        wires: int = 8,
        bandwidth: float = 0.3,
        shots: int | None = None,
        backend: str = BACKEND,
        random_state: Any = None,
    ) -> None:
        self.wires = wires
        self.bandwidth = bandwidth
        self.shots = shots
        self.backend = backend
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the components of samples, shape (samples, features)."""
        self.arrays_ = fit_components(self._fitting(X), self.wires)
        self._n_features_out = 2 * (len(self.arrays_["axes"]) + 1)
        return self

    def transform(self, X: Any) -> Samples:
        """Return X of every qubit and then Y, shape (samples, 2 wires)."""
        check_is_fitted(self)
        settings = {"bandwidth": self.bandwidth}
        return ProjectedKernel().bloch(self.arrays_, settings, self._new(X), self._context())
