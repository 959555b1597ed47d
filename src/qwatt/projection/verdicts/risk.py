"""What the answer hangs on: a tornado of assumptions, technology risk, lock-in, progress of the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from qwatt.projection.futures.break_even import probabilities, weighted_quantiles
from qwatt.projection.futures.duel import duel
from qwatt.projection.futures.machines import World
from qwatt.projection.futures.montecarlo import DrawSettings, drawn_world, kept_world
from qwatt.projection.futures.outcome import DrawnOutcome
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.load import rivals
from qwatt.projection.scaling.quantile import (
    Array,
    Quantiles,
    central_quantiles,
    one_at_a_time,
)
from qwatt.projection.spread import Span

DRAWS = 400
"""Draws of the energy ratio, whose percentiles need no more."""

BARS = 8
"""Bars of a tornado that are reported, the longest first."""


def tornado(card: Card, sizes: Mapping[str, Span], pue: Span, settings: DrawSettings) -> list[dict[str, Any]]:
    """Return the assumptions that move the energy ratio most in the last year, one moved at a time.

    Each goes to its 5 % and 95 % end with all others at their medians; a machine of any size is granted.

    Returns:
        [{assumption, meaning, low, high, swing}], log10 of quantum over classical joules at either end.
    """
    settings = replace(settings, years=settings.years[-1:])
    names = _asked(card, sizes, pue, settings)
    quantiles = one_at_a_time(names)
    ratio = log_ratio(card, sizes, (quantiles, drawn_world(quantiles, pue, settings)))[:, -1]
    ends = ratio[1:].reshape(-1, 2)
    bars = [
        {
            "assumption": name,
            "meaning": meaning(card, name),
            "low": float(low),
            "high": float(high),
            "swing": float(abs(high - low)),
        }
        for name, (low, high) in zip(names, ends, strict=True)
        if np.isfinite([low, high]).all() and abs(high - low) > 1e-9
    ]
    return sorted(bars, key=lambda bar: float(str(bar["swing"])), reverse=True)[:BARS]


def log_ratio(
    card: Card,
    sizes: Mapping[str, Span],
    drawn: tuple[Quantiles, World],
    against: Sequence[Card] | None = None,
) -> Array:
    """Return log10 of quantum over classical joules, whether or not the machine exists; (draws, years).

    Where neither side has any work, as without fine-tuning, it is NaN.
    """
    quantiles, world = drawn
    battle = duel(card, sizes, quantiles, world, limited=False, against=against)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(battle.quantum_j) - np.log10(battle.classical_j))


def gap(
    card: Card, sizes: Mapping[str, Span], pue: Span, settings: DrawSettings, against: Sequence[Card]
) -> dict[int, Any]:
    """Return P10, P50 and P90 of quantum over classical joules by some years, None where not finite.

    The years are the first, those that end a decade, and the last.
    """
    draws, years = min(settings.draws, DRAWS), settings.years
    few = tuple(year for year in years if year % 10 == 0 or year in (years[0], years[-1]))
    settings = replace(settings, years=few)
    ratios = log_ratio(card, sizes, kept_world(draws, pue, settings), against)
    found: dict[int, Any] = {}
    for at in range(len(few)):
        ends = weighted_quantiles(ratios[:, at], [0.1, 0.5, 0.9], np.ones(draws))
        found[settings.years[at]] = {
            name: float(10.0**end) if abs(end) < 290 else None
            for name, end in zip(("p10", "p50", "p90"), ends, strict=True)
        }
    return found


def risks(outcome: DrawnOutcome, settings: DrawSettings, weights: Array) -> dict[str, Any]:
    """Return technology risk and baseline progress.

    Technology risk is the probability that no machine can run the work by the last year. Baseline progress is
    by how much the probability of advantage would be higher if the classical side stood still.
    """
    last = settings.years[-1]

    def by_last(first: Array) -> float:
        return probabilities(first, settings.years, weights)[last]

    return {
        "technology": round(1.0 - by_last(outcome.first_runs), 12),
        "baseline_progress": max(by_last(outcome.first_frozen) - by_last(outcome.first), 0.0),
        "p_advantage_if_baseline_stands_still": by_last(outcome.first_frozen),
    }


def lock_in(machine: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return who could run the work today: the fewer vendors, the firmer the tie to one of them.

    Args:
        machine: as `today` gives it.
    """
    vendors = list(machine["vendors"]) if machine else []
    levels = {0: "none can run it", 1: "high", 2: "medium"}
    return {"level": levels.get(len(vendors), "low"), "vendors": vendors}


def _asked(card: Card, sizes: Mapping[str, Span], pue: Span, settings: DrawSettings) -> list[str]:
    """Return the names of every assumption that the ratio draws, in the order of asking."""
    names: dict[str, None] = {}

    def recording(name: str) -> Array:
        names[name] = None
        return central_quantiles(name)

    log_ratio(card, sizes, (recording, drawn_world(recording, pue, settings)))
    return [name for name in names if name != "shape" and not name.startswith(card.id)]


def meaning(card: Card, name: str) -> str:
    """Return an assumption's name in words."""
    from qwatt.projection.futures.drawn import tables
    from qwatt.projection.scaling.sizes import MEANINGS, PRICES

    kind, key = name.split(":", 1)
    if kind == "size":
        return (MEANINGS | PRICES)[key]
    if kind == card.task:
        mates = [card, *rivals(card)]
        return next(mate.symbols[key].meaning for mate in mates if key in mate.symbols)
    entry: Any = tables()
    for part in key.split("."):
        entry = entry.get(part, {}) if isinstance(entry, Mapping) else {}
    return str(entry.get("meaning") or key.replace(".", ": ").replace("_", " "))
