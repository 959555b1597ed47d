"""The few statistics that a fair comparison needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

_RESAMPLES = 2000
_MANY = 100
"""Values above which medians are resampled by rank."""


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
    if statistic is np.median and len(sample) > _MANY:
        lower, upper = _middle_ranks(len(sample))
        ordered = np.sort(sample)
        resampled = (ordered[lower] + ordered[upper]) / 2
        return _ends(resampled, estimate, level)
    drawn = np.random.default_rng(0).integers(0, len(sample), (_RESAMPLES, len(sample)))
    return _ends(statistic(sample[drawn], axis=-1), estimate, level)


@lru_cache(maxsize=4)
def _middle_ranks(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return by resample the ranks of its two middle values: all that the median of one depends on.

    The draws are the same for all samples of a size, so that a run of many seeds sorts them once.
    """
    middle = [(count - 1) // 2, count // 2]
    drawn = np.random.default_rng(0).integers(0, count, (_RESAMPLES, count))
    lower, upper = np.partition(drawn, middle, axis=1)[:, middle].T
    return lower, upper


def _ends(resampled: np.ndarray, estimate: float, level: float) -> tuple[float, float, float]:
    tail = (1 - level) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail])
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
