"""Leading principal components as real unit vectors of 2^n values, and inner products from their overlaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.encoding.load.pca import kept_components
from qwatt.stages.encoding.load.problem import LoadProblem, Similarities, Vectors

if TYPE_CHECKING:
    from sklearn import decomposition
else:
    decomposition = lazy("sklearn.decomposition")

Arrays = Mapping[str, NDArray[Any]]


def fit_components(problem: LoadProblem, count: int, seed: int) -> dict[str, NDArray[Any]]:
    """Return `mean`, leading `components`, and of the stored vectors' coordinates `lengths` and `offsets`.

    Offsets are what the coordinates add to the inner product with the mean. Shapes (dimensions,), (count,
    dimensions), and (vectors,) twice.
    """
    fitted = decomposition.PCA(kept_components(problem, count), random_state=seed).fit(problem.stored)
    arrays = {"mean": fitted.mean_, "components": fitted.components_}
    found = coordinates(arrays, problem.stored)
    arrays |= {"lengths": lengths(found), "offsets": found @ (fitted.components_ @ fitted.mean_)}
    return {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}


def coordinates(arrays: Arrays, vectors: Vectors) -> NDArray[np.float32]:
    """Return the vectors' coordinates, shape (vectors, count)."""
    return np.asarray((vectors - arrays["mean"]) @ arrays["components"].T, dtype=np.float32)


def targets(found: NDArray[np.float32], qubits: int) -> NDArray[np.float32]:
    """Return unit vectors, shape (vectors, 2**qubits): coordinates over their length, zeros, and a constant.

    The overlap of two is (1 + cosine) / 2 and never negative, so that its square tells the cosine's sign.
    """
    padded = np.zeros((len(found), 2**qubits), dtype=np.float32)
    padded[:, : found.shape[1]] = found / lengths(found)[:, None]
    padded[:, -1] = 1.0
    return np.asarray(padded / np.sqrt(2.0), dtype=np.float32)


def lengths(found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the coordinates' lengths, shape (vectors,), none of them zero."""
    return np.asarray(np.maximum(np.linalg.norm(found, axis=1), 1e-12), dtype=np.float32)


def inner_products(
    arrays: Arrays, queries: Vectors, found: NDArray[np.float32], cosines: NDArray[Any]
) -> Similarities:
    """Return <x, y> of queries with stored vectors: what the mean gives, and what the components.

    Args:
        arrays: those of `fit_components`.
        queries: shape (queries, dimensions).
        found: their coordinates.
        cosines: between coordinates, shape (queries, vectors).
    """
    along = (queries @ arrays["mean"])[:, None] + arrays["offsets"]
    return np.asarray(along + lengths(found)[:, None] * cosines * arrays["lengths"], dtype=np.float64)
