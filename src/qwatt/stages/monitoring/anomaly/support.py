"""A one-class support vector machine on a kernel matrix, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.monitoring.anomaly.model import Arrays, Scores

if TYPE_CHECKING:
    from sklearn import svm
else:
    svm = lazy("sklearn.svm")


def fit_support(gram: NDArray[Any], nu: float) -> Arrays:
    """Return `coefficients` and `support`, shape (support vectors,), and `offset`, shape (1,).

    Args:
        gram: kernel of clean rows, shape (rows, rows).
        nu: most of the clean rows outside, and least that are support vectors, as shares.
    """
    found = svm.OneClassSVM(kernel="precomputed", nu=nu).fit(gram)
    return {
        "coefficients": found.dual_coef_[0],
        "support": found.support_.astype(np.int64),
        "offset": np.asarray(found.offset_, dtype=np.float64).reshape(1),
    }


def support_scores(arrays: Arrays, kernel: NDArray[Any]) -> Scores:
    """Return how far outside rows are, from their kernel with the support vectors, (rows, vectors)."""
    return np.asarray(arrays["offset"][0] - kernel @ arrays["coefficients"], dtype=np.float64)
