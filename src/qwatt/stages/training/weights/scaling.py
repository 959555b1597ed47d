"""From numbers to a network's inputs, of mean 0 and variance 1; embeddings are projected first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.language.table_rows import deviations
from qwatt.stages.training.weights.network import Floats


@dataclass(frozen=True, eq=False)
class Scaling:
    """How a row's numbers become features.

    Args:
        mean: shape (numbers,).
        factors: deviations to divide by, shape (numbers,), or the leading principal axes, each over its
            deviation, shape (numbers, features).
    """

    mean: NDArray[np.float64]
    factors: NDArray[np.float64]

    def apply(self, values: NDArray[Any]) -> Floats:
        """Return features, shape (rows, features), of numbers (rows, numbers)."""
        centred = np.asarray(values, dtype=np.float64) - self.mean
        found = centred / self.factors if self.factors.ndim == 1 else centred @ self.factors
        return found.astype(np.float32)


def standardised(values: NDArray[Any]) -> Scaling:
    """Scale each column; one that does not vary is left as it is."""
    return Scaling(values.mean(axis=0), deviations(values))


def projected(values: NDArray[Any], count: int) -> Scaling:
    """Project onto the leading principal components, whitened.

    Args:
        values: shape (rows, numbers).
        count: components; at most min(rows - 1, numbers).
    """
    plain = np.asarray(values, dtype=np.float64)
    mean = plain.mean(axis=0)
    _, singular, axes = np.linalg.svd(plain - mean, full_matrices=False)
    deviation = np.maximum(singular[:count] / np.sqrt(len(plain)), np.finfo(np.float32).eps)
    return Scaling(mean, (axes[:count] / deviation[:, None]).T)
