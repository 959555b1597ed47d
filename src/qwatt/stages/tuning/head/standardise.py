"""Scaling vectors for a head: each value to mean 0 and variance 1, or onto leading whitened components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.tuning.head.problem import Vectors

if TYPE_CHECKING:
    from sklearn import decomposition, preprocessing
else:
    preprocessing, decomposition = lazy("sklearn.preprocessing"), lazy("sklearn.decomposition")

Arrays = dict[str, NDArray[Any]]


def fit_scale(vectors: Vectors) -> Arrays:
    """Return `mean` and `scale`, each of shape (dimensions,), of training vectors."""
    scaler = preprocessing.StandardScaler().fit(vectors)
    return {"mean": scaler.mean_, "scale": scaler.scale_}


def scaled(arrays: Mapping[str, NDArray[Any]], vectors: Vectors) -> NDArray[np.float64]:
    """Return vectors, shape (sentences, dimensions), with mean 0 and variance 1 on the training part."""
    return np.asarray((vectors - arrays["mean"]) / arrays["scale"], dtype=np.float64)


def fit_components(vectors: Vectors, count: int, seed: int) -> Arrays:
    """Return `mean` (dimensions,) and `components` (dimensions, count): leading ones, whitened.

    Args:
        vectors: training vectors, shape (sentences, dimensions).
        count: number of principal components, fewer where the data has fewer.
        seed: seed of the decomposition.
    """
    most = min(count, vectors.shape[1], len(vectors) - 1)
    with np.errstate(invalid="ignore"):  # shares of a variance of 0, which nobody reads
        found = decomposition.PCA(most, random_state=seed).fit(vectors)
    deviation = np.sqrt(np.maximum(found.explained_variance_, np.finfo(np.float32).eps))
    return {"mean": found.mean_, "components": (found.components_ / deviation[:, None]).T}


def projected(arrays: Mapping[str, NDArray[Any]], vectors: Vectors) -> NDArray[np.float64]:
    """Return coordinates of variance 1 on the training part, shape (sentences, count)."""
    return np.asarray((vectors - arrays["mean"]) @ arrays["components"].astype(np.float64), dtype=np.float64)
