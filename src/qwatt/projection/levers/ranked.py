"""All levers of a scenario in one list: by stage, what needs no quantum computer first, the best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qwatt.core.task import STAGES
from qwatt.projection.effects.known import Measurements
from qwatt.projection.levers.lever import Lever
from qwatt.projection.levers.ordinary import LeverContext, ordinary_lever
from qwatt.projection.levers.quantum import quantum_lever
from qwatt.projection.life.life_cycle import LifeCycle
from qwatt.projection.scaling import Card
from qwatt.projection.scaling.quantile import random_quantiles
from qwatt.projection.spread import Span
from qwatt.projection.verdicts.money import prices

DRAWS = 4_000
"""Draws of ordinary levers, whatever the number of futures: their verdicts do not depend on it."""
ORDINARY = ("classical", "inspired")


def ranked_levers(
    cards: Mapping[str, Card],
    entries: Sequence[Mapping[str, Any]],
    cycle: LifeCycle,
    sizes: Mapping[str, Span],
    run: Measurements,
    seed: int = 0,
) -> list[Lever]:
    """Return the levers of every kind.

    Args:
        cards: all cards, after the run's trials.
        entries: the enhancements' records.
        cycle: the scenario's life.
        sizes: as `scenario_sizes` gives them.
        run: effects that a run measured, by task and method.
        seed: of the draws.
    """
    quantiles = random_quantiles(DRAWS, seed)
    context = LeverContext(cycle, sizes, quantiles, prices(cycle.scenario, quantiles), run)
    found = [ordinary_lever(card, context) for card in cards.values() if card.kind in ORDINARY]
    records = {entry["id"]: entry for entry in entries}
    best = _best(found)
    found += [
        quantum_lever(card, records[card.id], context, best.get(card.task, 0.0))
        for card in cards.values()
        if card.kind == "quantum" and card.id in records
    ]
    return sorted(found, key=_rank)


def _best(levers: Sequence[Lever]) -> dict[str, float]:
    """Return by task the most that a lever saves."""
    best: dict[str, float] = {}
    for lever in levers:
        best[lever.task] = max(best.get(lever.task, 0.0), lever.saved_kwh["value"] or 0.0)
    return best


def _rank(lever: Lever) -> tuple[Any, ...]:
    unknown = lever.saved_kwh["value"] is None
    return STAGES.index(lever.stage), lever.kind == "quantum", unknown, -lever.net_kwh, lever.id
