"""Ties a card to measured trials: it is evaluated at their size and rescaled to what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from qwatt import catalogue
from qwatt.core.errors import QwattError
from qwatt.core.trial import Trial
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.evaluate import UnitCosts, central
from qwatt.projection.scaling.expression import compute
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Anchor:
    """A card after measured trials.

    Args:
        card: the card, rescaled.
        trials: how many trials were used.
        size: their rung.
        factors: measured over predicted, by cost ("core_s") or part of the demand ("gate.circuits").
        applied: whether the card was rescaled; not when the projection reaches too far beyond the trials.
        reach: projected over measured size, by size.
    """

    card: Card
    trials: int
    size: str
    factors: Mapping[str, float]
    applied: bool
    reach: Mapping[str, float]

    def to_record(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "card": self.card.id,
            "trials": self.trials,
            "size": self.size,
            "factors": dict(self.factors),
            "applied": self.applied,
            "reach": dict(self.reach),
        }


def anchor(
    card: Card, trials: Sequence[Trial], sizes: Mapping[str, Span], rungs: Mapping[str, Mapping[str, Any]]
) -> Anchor | None:
    """Return the card rescaled to the largest rung that was measured, or None without usable trials.

    CPU costs are rescaled by measured host joules over predicted ones, circuits by counted over predicted.
    FLOP on accelerators are left alone: trials on another machine say nothing about their joules. Where the
    scenario is too many times larger than the trials, the factors are reported and not applied.

    Args:
        card: the card.
        trials: all trials of a run.
        sizes: the scenario's sizes.
        rungs: the task's ladder, as `Task.sizes`.

    Raises:
        QwattError: the card's `trial_sizes` name a parameter that the ladder does not have.
    """
    own = [t for t in trials if t.done and t.spec.task == card.task and t.spec.method == card.method]
    ladder = [size for size in rungs if any(t.spec.size == size for t in own)]
    if not ladder or not card.trial_sizes:
        return None
    size = ladder[-1]
    used = [t for t in own if t.spec.size == size]
    parameters = {k: float(v) for k, v in rungs[size].items() if isinstance(v, int | float)}
    measured = {name: float(compute(text, parameters, card.id)) for name, text in card.trial_sizes.items()}
    predicted = central(*_at(card, sizes, measured))
    factors = _factors(card, used, predicted)
    reach = {name: _projected(card, sizes, name) / value for name, value in measured.items() if value > 0}
    near = all(factor <= _largest_reach() for factor in reach.values())
    after = replace(card, scale=factors) if near else card
    return Anchor(after, len(used), size, factors, near, reach)


def _at(card: Card, sizes: Mapping[str, Span], measured: Mapping[str, float]) -> tuple[Card, dict[str, Span]]:
    known = sizes.keys() | card.symbols.keys()
    if unknown := measured.keys() - known:
        raise QwattError(f"trial_sizes names unknown {', '.join(sorted(unknown))}", where=card.id)
    own = {name: Span.given(measured[name]) if name in measured else span for name, span in sizes.items()}
    return card.pinned(measured), own


def _factors(card: Card, trials: Sequence[Trial], predicted: UnitCosts) -> dict[str, float]:
    factors = {}
    joules = [t.host_energy.to("J").interval[1] for t in trials if t.host_energy and t.host_energy.known]
    expected = predicted.classical_j.item()
    if set(card.costs) == {"core_s"} and joules and expected > 0 and card.kind != "quantum":
        factors["core_s"] = statistics.median(joules) / expected
    counted = [t.demand.get("shots", 0) for t in trials]
    if "gate" in card.demands and any(counted):
        gate = predicted.demands["gate"]
        factors["gate.circuits"] = statistics.median(counted) / (gate["circuits"] * gate["shots"]).item()
    return {name: factor for name, factor in factors.items() if factor > 0}


def _projected(card: Card, sizes: Mapping[str, Span], name: str) -> float:
    return sizes[name].value if name in sizes else card.symbols[name].value


@cache
def _largest_reach() -> float:
    return float(catalogue.load("enhancements")["measured"]["largest_reach"]["value"])
