"""How many labels finite shots leave right: the binomial error of overlaps, and the nearest centroid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    from scipy import special
else:
    special = lazy("scipy.special")

_NODES = 40


def cosine_variance(kind: str, cosines: NDArray[Any], shots: int) -> NDArray[np.float64]:
    """Return the variance of the cosine s that an overlap test with so many shots estimates.

    Inversion reads p = s^2 as p(1-p)/S; by the delta method s = sqrt(p) has (1-s^2)/(4S). Interference reads
    s itself as Z: (1-s^2)/S. The swap test reads s^2 as Z: (1-s^4)/S, so s has (1-s^4)/(4 s^2 S).

    Args:
        kind: "inversion", "interference" or "swap".
        cosines: s, of any shape, not 0 for a swap test.
        shots: S.
    """
    squares = np.clip(np.asarray(cosines, dtype=np.float64) ** 2, 0.0, 1.0)
    if kind == "inversion":
        return (1.0 - squares) / (4.0 * shots)
    if kind == "interference":
        return (1.0 - squares) / shots
    return (1.0 - squares**2) / (4.0 * np.maximum(squares, 1e-12) * shots)


def expected_agreement(distances: NDArray[Any], variances: NDArray[Any]) -> float:
    """Return the expected share of points whose nearest centroid stays nearest.

    Each estimated distance is normal around the true one, independent of the others: the share is the mean
    over points of P(d_best + e_best < d_j + e_j for all others), by Gauss-Hermite quadrature over e_best.

    Args:
        distances: true ones, shape (points, centroids).
        variances: of the estimates, in the distances' squared unit, same shape.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    rows, best = np.arange(len(distances)), distances.argmin(axis=1)
    deviations = np.sqrt(np.maximum(variances, 1e-30))
    at = distances[rows, best][:, None] + deviations[rows, best][:, None] * nodes
    apart = (distances[:, None, :] - at[:, :, None]) / deviations[:, None, :]
    beyond = special.ndtr(apart)
    beyond[rows, :, best] = 1.0
    return float((beyond.prod(axis=2) @ (weights / weights.sum())).mean())
