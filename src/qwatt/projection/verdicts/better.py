"""What better solutions than the best classical ones are worth: energy and money of the stage, by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qwatt.core.quantity import Quantity
from qwatt.projection.life.life_cycle import LifeCycle
from qwatt.projection.scaling import Card
from qwatt.projection.scaling.quantile import Array, Quantiles, spread
from qwatt.projection.spread import Span


@dataclass(frozen=True)
class Better:
    """What better solutions save over the model's life, if the quality is reached; shape (draws,)."""

    kwh: Array
    usd: Array


def better(card: Card, cycle: LifeCycle, quantiles: Quantiles) -> Better:
    """Return the card's upside in energy and money; nothing where it has none, or the stage's are unknown."""
    if card.upside is None:
        nothing = np.zeros(len(quantiles("shape")))
        return Better(nothing, nothing)
    stage = cycle.stages[card.stage]
    share = Span(card.upside.value, card.upside.low, card.upside.high)
    part = spread(share, quantiles(f"{card.id}:upside"))[:, 0]
    return Better(
        part * _drawn(stage.energy, quantiles, f"energy.{card.stage}"),
        part * _drawn(stage.costs["usd"], quantiles, f"money:stage.{card.stage}"),
    )


def _drawn(found: Quantity | Mapping[str, Quantity], quantiles: Quantiles, name: str) -> Array:
    if isinstance(found, Mapping) or not found.known:
        return np.zeros(len(quantiles("shape")))
    return spread(found.to("kWh") if found.unit.endswith("Wh") else found, quantiles(name))[:, 0]
