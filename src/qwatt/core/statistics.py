"""The few statistics that a fair comparison needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np

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
    if len(sample) == 1:
        return estimate, estimate, estimate
    drawn = np.random.default_rng(0).integers(0, len(sample), (_RESAMPLES, len(sample)))
    tail = (1 - level) / 2
    low, high = np.quantile(statistic(sample[drawn], axis=-1), [tail, 1 - tail])
    return min(float(low), estimate), estimate, max(float(high), estimate)


def wilson_interval(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion.

    Its ends are exactly 0 where nothing succeeded and 1 where everything did (Wilson, JASA 22, 209, 1927).
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    failures = trials - successes
    middle = successes + z**2 / 2
    half = z * math.sqrt(successes * failures / trials + z**2 / 4)
    low = (middle - half) / (trials + z**2) if successes else 0.0
    return low, (middle + half) / (trials + z**2) if failures else 1.0


def repetitions(p_target: float, certainty: float = 0.99) -> float:
    """Return the runs needed to reach the target once with the given certainty; infinite when it never does.

    ln(1 - certainty) / ln(1 - p), at least one run (Ronnow et al., arXiv:1401.2910).
    """
    if p_target <= 0:
        return math.inf
    if p_target >= certainty:
        return 1.0
    return math.log(1 - certainty) / math.log(1 - p_target)


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
