"""Amplitude estimation by maximum likelihood (arXiv:1904.10246): a fixed schedule, so a bill known before.

Round j measures the good outcome after k_j amplifications, whose probability is sin^2((2 k_j + 1) theta);
the amplitude sin^2(theta) that makes all rounds' counts likeliest is the estimate. Unlike the iterative
algorithm it adapts nothing, and many amplitudes are estimated by circuits that are all known in advance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_GRID = 8192
"""Angles of [0, pi / 2] that are compared."""
_ROWS = 256
"""Estimates made at once."""


def schedule(doublings: int) -> tuple[int, ...]:
    """Return the amplifications of each round: 0, 1, 2, 4, ... 2^(doublings - 1) (section 2.3)."""
    return (0, *(2**j for j in range(doublings)))


def draw_counts(
    amplitudes: NDArray[np.float64], rounds: Sequence[int], shots: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return how many shots of each round show the good outcome, shape (amplitudes, rounds).

    Args:
        amplitudes: a = sin^2(theta) of each preparation, shape (amplitudes,).
        rounds: amplifications k.
        shots: of each circuit.
        rng: generator.
    """
    return rng.binomial(shots, _good(np.arcsin(np.sqrt(np.clip(amplitudes, 0.0, 1.0))), rounds))


def likeliest(counts: NDArray[np.int64], rounds: Sequence[int], shots: int) -> NDArray[np.float64]:
    """Return the amplitudes that make the counts likeliest, shape (amplitudes,).

    The standard error of theta is at least 1 / (2 sqrt(shots sum_j (2 k_j + 1)^2)), the Cramer-Rao bound
    (equation 16); so many doublings that this falls below the grid's pi / 16,384 gain nothing more.

    Args:
        counts: good outcomes, shape (amplitudes, rounds).
        rounds: amplifications k.
        shots: of each circuit.
    """
    angles = np.linspace(0.0, np.pi / 2, _GRID + 1)
    good = np.clip(_good(angles, rounds), 1e-12, 1.0 - 1e-12)
    log_good, log_bad = np.log(good).T, np.log1p(-good).T
    found = [np.zeros(0)]
    for start in range(0, len(counts), _ROWS):
        part = counts[start : start + _ROWS].astype(np.float64)
        found.append(angles[(part @ log_good + (shots - part) @ log_bad).argmax(axis=1)])
    return np.asarray(np.sin(np.concatenate(found)) ** 2)


def _good(angles: NDArray[np.float64], rounds: Sequence[int]) -> NDArray[np.float64]:
    """Return sin^2((2k+1) theta), shape (angles, rounds)."""
    odd = 2.0 * np.asarray(rounds, dtype=np.float64) + 1.0
    return np.asarray(np.sin(angles[:, None] * odd) ** 2)


def flop(estimates: int, rounds: int) -> float:
    """Return the operations of `likeliest`: two products with the grid, and a pass."""
    return float(estimates * _GRID * (4 * rounds + 2))
