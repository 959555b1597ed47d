"""The few statistics that a fair comparison needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

MIN_PAIRS = 5
"""Seeds below which no non-inferiority test is made."""

_RESAMPLES = 2000


def bootstrap_interval(
    values: Sequence[float],
    statistic: Callable[..., np.ndarray] = np.median,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """Return (low, estimate, high) of a statistic by the percentile bootstrap with a fixed seed.

    Args:
        values: one number a seed, shape (seeds,).
        statistic: reduces the last axis.
        level: coverage of the interval.
    """
    sample = np.asarray(values, dtype=float)
    estimate = float(statistic(sample, axis=-1))
    draws = np.random.default_rng(0).integers(0, len(sample), (_RESAMPLES, len(sample)))
    tail = 50 * (1 - level)
    low, high = np.percentile(statistic(sample[draws], axis=-1), [tail, 100 - tail])
    return min(float(low), estimate), estimate, max(float(high), estimate)


def wilson_interval(successes: int, trials: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion."""
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} successes of {trials} trials")
    share, z2 = successes / trials, z * z
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, centre - half), min(1.0, centre + half)


def repetitions(p_target: float, certainty: float = 0.99) -> float:
    """Return the runs needed to reach the target once with the given certainty; infinite when it never does.

    ln(1 - certainty) / ln(1 - p), at least one run (Ronnow et al., arXiv:1401.2910).
    """
    if p_target <= 0:
        return math.inf
    if p_target >= certainty:
        return 1.0
    return math.log(1 - certainty) / math.log(1 - p_target)


def noninferiority_bound(differences: Sequence[float], alpha: float = 0.05) -> float:
    """Return the one-sided lower confidence bound of the mean paired difference (Student's t).

    A method is non-inferior when the bound is above minus the margin.

    Args:
        differences: method minus reference by seed, positive where the method is better.
        alpha: level of the test.
    """
    from scipy.stats import t

    sample = np.asarray(differences, dtype=float)
    if len(sample) < 2:
        raise ValueError("a paired test needs at least two seeds")
    error = float(sample.std(ddof=1)) / math.sqrt(len(sample))
    return float(sample.mean()) - float(t.ppf(1 - alpha, len(sample) - 1)) * error


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the indices of points (cost, benefit) that no other point beats in both."""
    front = []
    for i, (cost, benefit) in enumerate(points):
        beaten = any(
            c <= cost and b >= benefit and (c < cost or b > benefit)
            for j, (c, b) in enumerate(points)
            if j != i
        )
        if not beaten:
            front.append(i)
    return sorted(front, key=lambda i: points[i][0])
