"""Two clusters as a cut of a few weighted points: the coreset and its Ising model (arXiv:2004.14970)."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.quantum.algorithms.lloyd import Points

if TYPE_CHECKING:
    import dimod
else:
    dimod = lazy("dimod")

Spins = NDArray[np.int64]
"""+1 or -1 for the two sides, shape (reads, points)."""


def coreset(points: Points, count: int, rng: np.random.Generator) -> tuple[Points, NDArray[np.float64]]:
    """Return a lightweight coreset (arXiv:1702.08248, algorithm 1): points and their weights.

    A point is drawn, with replacement, half of the time uniformly and half by its squared distance to the
    mean; it weighs one over what was expected of it, so that sums over the coreset are unbiased.

    Args:
        points: shape (N, d), N at least 1.
        count: points of the coreset.
        rng: generator.
    """
    squares = ((points - points.mean(axis=0)) ** 2).sum(axis=1)
    total, even = float(squares.sum()), np.full(len(points), 1.0 / len(points))
    chances = (even + squares / total) / 2.0 if total > 0 else even
    drawn = rng.choice(len(points), size=count, p=chances / chances.sum())
    return points[drawn], 1.0 / (count * chances[drawn])


def cut_model(points: Points, weights: NDArray[np.float64]) -> dimod.BinaryQuadraticModel:
    """Return -|sum_i w_i z_i (x_i - mean)|^2 over spins z, without its constant.

    For two sides of equal weight it is, up to a factor, minus the inertia between them: the lowest energy is
    the best pair of such clusters (arXiv:2004.14970, the zeroth-order Hamiltonian). Every pair is coupled, a
    pair of coupling 0 too.
    """
    moments = weights[:, None] * (points - np.average(points, axis=0, weights=weights))
    products = moments @ moments.T
    pairs = {(i, j): -2.0 * float(products[i, j]) for i, j in combinations(range(len(points)), 2)}
    return dimod.BinaryQuadraticModel(dict.fromkeys(range(len(points)), 0.0), pairs, 0.0, dimod.SPIN)


def best_cut(points: Points, weights: NDArray[np.float64], spins: Spins) -> Points:
    """Return the weighted means of the two sides, shape (2, d), of the read with the least true inertia."""
    inertia, sides = _inertia(points, weights, spins)
    return np.asarray(sides[int(inertia.argmin())], dtype=np.float64)


def _inertia(
    points: Points, weights: NDArray[np.float64], spins: Spins
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weighted inertia (reads,) and means of both sides (reads, 2, d); an empty side has the mean."""
    middle = np.average(points, axis=0, weights=weights)
    members = np.stack([spins > 0, spins <= 0], axis=1) * weights
    mass = members.sum(axis=2, keepdims=True)
    sums = members @ points
    means = np.where(mass > 0, sums / np.maximum(mass, 1e-300), middle)
    between = (mass[:, :, 0] * (means**2).sum(axis=2)).sum(axis=1)
    return float(weights @ (points**2).sum(axis=1)) - between, means
