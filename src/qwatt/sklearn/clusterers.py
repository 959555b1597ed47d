"""Quantum k-means on the code of `curation/cluster`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClusterMixin
from sklearn.utils.validation import check_is_fitted

from qwatt.core.threads import one_thread
from qwatt.quantum.algorithms import lloyd
from qwatt.sklearn.estimator import BACKEND, CircuitEstimator
from qwatt.stages.curation.cluster.quantum import QuantumKMeans as Method


class QuantumKMeans(ClusterMixin, CircuitEstimator):  # type: ignore[misc]
    """Lloyd's iteration with distances from overlap tests of amplitude-encoded samples (arXiv:1307.0411).

    Args:
        n_clusters: clusters.
        test: "inversion", "interference" or "swap".
        lift: constant beside a sample in units of the longest one, which keeps the sign of an overlap.
        n_init: starts by k-means++, of which the partition of least inertia is kept.
        max_iter: iterations of each start, all of which are done.
        shots: of each test; None for exact values.
        backend: where the circuits run.
        random_state: of the starts and of the shots.

    Attributes:
        labels_: cluster of each training sample.
        cluster_centers_: means of the clusters, shape (clusters, features).
        inertia_: sum of squared distances from them.
        n_iter_: iterations of each start.
    """

    def __init__(
        self,
        n_clusters: int = 8,
        test: str = "inversion",
        lift: float = 1.0,
        n_init: int = 1,
        max_iter: int = 10,
        shots: int | None = None,
        backend: str = BACKEND,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.test = test
        self.lift = lift
        self.n_init = n_init
        self.max_iter = max_iter
        self.shots = shots
        self.backend = backend
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Cluster samples, shape (samples, features)."""
        rows = self._fitting(X, least=1)
        if len(rows) < self.n_clusters:
            raise ValueError(f"n_samples={len(rows)} should be >= n_clusters={self.n_clusters}")
        settings = {
            "test": self.test, "lift": self.lift, "starts": self.n_init, "iterations": self.max_iter
        }  # fmt: skip
        with one_thread():
            found = Method().find(rows, self.n_clusters, settings, self._context())
        self.labels_, self.n_iter_ = found.answer, self.max_iter
        self.cluster_centers_ = lloyd.means(rows, self.labels_, rows[: self.n_clusters])
        self.inertia_ = lloyd.inertia(rows, self.labels_)
        return self

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return the cluster whose centre is nearest to each sample, by distances computed on the host."""
        check_is_fitted(self)
        return lloyd.nearest(self._new(X), self.cluster_centers_)
