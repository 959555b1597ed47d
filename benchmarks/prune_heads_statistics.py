"""Paired tests of what was declared before the seeds were drawn, and what so many seeds can decide at all.

Declared: the second-order model at the keep ratio loses less than Taylor and than the Fisher diagonal (two
one-sided tests, Holm's correction), and as much as greedy (the interval of the difference).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

DECLARED = ("Taylor", "Fisher diagonal")
LEVEL = 0.05
POWER = 0.8
MOST_SEEDS = 1_000


def compared(rows: dict[str, list[float]], own: str) -> dict[str, dict[str, Any]]:
    """Return by method how much more it loses than `own`, paired by seed; those declared with Holm's p.

    Both tests are one-sided, of no more: Student's, and Wilcoxon's, which knows no distribution.
    """
    found = {}
    for name, values in rows.items():
        gap = np.array(values) - np.array(rows[own])
        if name == own or np.ptp(gap) == 0:
            continue
        test = stats.ttest_1samp(gap, 0.0, alternative="greater")
        both = stats.ttest_1samp(gap, 0.0).confidence_interval(1.0 - LEVEL)
        found[name] = {
            "mean": float(gap.mean()),
            "sd": float(gap.std(ddof=1)),
            "interval": [float(both.low), float(both.high)],
            "p": float(test.pvalue),
            "p_wilcoxon": float(stats.wilcoxon(gap, alternative="greater", zero_method="zsplit").pvalue),
            "better_equal_worse": [int((gap > 0).sum()), int((gap == 0).sum()), int((gap < 0).sum())],
            "power_of_5_seeds": power(float(gap.mean()), float(gap.std(ddof=1)), 5),
            "seeds_for_power": seeds_for(float(gap.mean()), float(gap.std(ddof=1))),
        }
    declared = [name for name in DECLARED if name in found]
    for name, value in zip(declared, holm([found[name]["p"] for name in declared]), strict=True):
        found[name]["p_holm"] = value
    return found


def holm(values: list[float]) -> list[float]:
    """Return p values that may all be held against one level (Holm 1979)."""
    order, found, most = np.argsort(values), [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        most = max(most, min(1.0, (len(values) - rank) * values[place]))
        found[place] = most
    return found


def power(mean: float, sd: float, seeds: int) -> float:
    """Return how often so many seeds show such a difference at half the level, as both of two tests need."""
    free = seeds - 1
    limit = stats.t.ppf(1.0 - LEVEL / len(DECLARED), free)
    return float(stats.nct.sf(limit, free, np.sqrt(seeds) * mean / sd))


def seeds_for(mean: float, sd: float) -> int | None:
    """Return the fewest seeds of that power; None where there is no difference to show."""
    wanted = (n for n in range(3, MOST_SEEDS) if power(mean, sd, n) >= POWER)
    return next(wanted, None) if mean > 0 else None
