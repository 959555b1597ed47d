"""Covariances of few rows, made less noisy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shrunk_covariance(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariance of rows, its correlations shrunk as much as they are noisy (Schaefer-Strimmer).

    doi:10.2202/1544-6115.1175, target D: the share is the sum of the correlations' variances over that of
    their squares.

    Args:
        rows: shape (rows, n).
    """
    count, spread = len(rows), rows.std(0)
    x = (rows - rows.mean(0)) / np.where(spread > 0, spread, 1.0)
    correlations, squares = x.T @ x / count, (x**2).T @ x**2 / count
    other = ~np.eye(rows.shape[1], dtype=bool)
    noise = ((squares - correlations**2)[other]).sum() / max(count - 1, 1)
    signal = (correlations[other] ** 2).sum()
    share = min(1.0, noise / signal) if signal > 0 else 1.0
    found = np.where(other, (1.0 - share) * correlations, correlations)
    return np.asarray(found * spread[:, None] * spread)
