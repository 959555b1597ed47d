"""How many qubits a modality has by year: published history extrapolated, or vendors' roadmaps with slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qwatt.projection.futures.drawn import drawn, tables, value
from qwatt.projection.scaling.quantile import Array, Mask, Quantiles, between


def start_year() -> int:
    """Return the year of the machines that the extrapolation starts from."""
    return int(tables()["start"]["year"])


def qubits_by_year(modality: str, quantiles: Quantiles, years: Array, believed: Mask) -> Array:
    """Return physical qubits of the modality's largest machine, shape (draws, years).

    Args:
        modality: a table of the catalogue.
        quantiles: the draws.
        years: shape (years,).
        believed: whether a draw believes the vendors' roadmaps, shape (draws, 1).
    """
    now = drawn(quantiles, "modalities", modality, "qubits")
    law = extrapolated(now, doubling(modality, quantiles), years)
    best = law
    for vendor, table in tables()["vendor"].items():
        if isinstance(table, Mapping) and table["modality"] == modality:
            best = np.maximum(best, announced(vendor, table["targets"], now, law, quantiles, years))
    return np.where(believed, best, law)


def doubling(modality: str, quantiles: Quantiles) -> Array:
    """Return the years in which the qubits of a modality double."""
    years = drawn(quantiles, "growth", "doubling")
    own = np.exp(value("growth", "own_doubling") * (quantiles(f"future:{modality}.doubling") - 0.5))
    return np.clip(years * own, value("growth", "fastest_doubling"), value("growth", "slowest_doubling"))


def extrapolated(now: Array, doubling_years: Array, years: Array) -> Array:
    """Return N(t) = N_now 2^((t - start) / doubling)."""
    return np.asarray(now * 2.0 ** ((years - start_year()) / doubling_years))


def announced(
    vendor: str,
    targets: Sequence[Mapping[str, Any]],
    now: Array,
    law: Array,
    quantiles: Quantiles,
    years: Array,
) -> Array:
    """Return a vendor's qubits by year when every announced date slips by one factor.

    Between two dates the logarithm of the qubits is linear; after the last the law's growth goes on. A
    cancelled roadmap leaves the law.
    """
    own = np.exp(value("believed", "own_slip") * (quantiles(f"future:{vendor}.slip") - 0.5))
    slip = drawn(quantiles, "believed", "slip") * own
    cancelled = quantiles(f"future:{vendor}.cancelled") < value("believed", "cancelled")
    start = start_year()
    logs = np.log(np.concatenate([now, *(np.full_like(now, t["qubits"]["value"]) for t in targets)], axis=1))
    dates = np.concatenate(
        [np.full_like(now, start), *(start + slip * (t["year"] - start) for t in targets)], 1
    )
    result = np.full((len(now), len(years)), -np.inf)
    for i in range(len(targets)):
        left, right = dates[:, [i]], dates[:, [i + 1]]
        share = np.clip((years - left) / np.maximum(right - left, 1e-9), 0.0, 1.0)
        part = logs[:, [i]] + share * (logs[:, [i + 1]] - logs[:, [i]])
        result = np.where(years >= left, part, result)
    growth = np.log(law / now) / np.maximum(years - start, 1e-9)
    after = np.maximum(years - dates[:, [-1]], 0.0) * growth
    reached = np.exp(np.where(np.isfinite(result), result, logs[:, [0]]) + after)
    return np.where(cancelled, law, reached)


def errors_by_year(modality: str, quantiles: Quantiles, years: Array) -> Array:
    """Return p(t) = max(floor, p_now 2^(-(t - start) / halving)), shape (draws, years)."""
    now = drawn(quantiles, "modalities", modality, "error")
    halving = drawn(quantiles, "growth", "halving")
    ends = tables()["growth"]["error_floor"]
    floor = between(ends["low"], ends["high"], quantiles("future:growth.error_floor"))
    return np.maximum(floor, now * 2.0 ** (-(years - start_year()) / halving))
