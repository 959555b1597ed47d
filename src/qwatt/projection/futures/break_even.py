"""When an enhancement breaks even: percentiles of the first year of winning, probabilities by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from qwatt.projection.scaling.quantile import Array


def probabilities(first: Array, years: Sequence[int], weights: Array) -> dict[int, float]:
    """Return by year the probability that the enhancement has broken even by then.

    Args:
        first: index of the first year of winning by draw, negative for never, shape (draws,).
        years: calendar years.
        weights: of the draws, shape (draws,).
    """
    whole = weights.sum()
    won = np.zeros(len(years))
    ever = first >= 0
    np.add.at(won, first[ever].astype(int), weights[ever])
    by_year = np.minimum(np.cumsum(won) / whole, 1.0)
    return {year: float(p) for year, p in zip(years, by_year, strict=True)}


def percentiles(first: Array, years: Sequence[int], weights: Array) -> dict[str, Any]:
    """Return P10, P50 and P90 of the break-even year, None beyond the last year, and P(never by then)."""
    by_year = probabilities(first, years, weights)
    last = by_year[years[-1]]
    result: dict[str, Any] = {
        name: next((year for year, p in by_year.items() if p >= share), None)
        for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9))
    }
    return result | {"p_never": round(1.0 - last, 12), "horizon": years[-1]}


def weighted_quantiles(values: Array, shares: Sequence[float], weights: Array) -> list[float]:
    """Return quantiles of weighted draws.

    Args:
        values: shape (draws,).
        shares: in [0, 1].
        weights: shape (draws,), not all zero.
    """
    found = np.quantile(values, shares, weights=weights, method="inverted_cdf")
    return [float(quantile) for quantile in found]
