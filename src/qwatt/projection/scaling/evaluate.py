"""Computes a card at a scenario's sizes, for one central value or for many draws at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.expression import compute
from qwatt.projection.scaling.quantile import Array, Quantiles, central_quantiles, spread
from qwatt.projection.spread import Span
from qwatt.quantum.primitives.bill import Bill

JOULES = {"flop": "J_flop", "gpu_h": "J_gpu_h", "core_s": "J_core_s"}
"""What one of each classical cost takes, in the sizes' names."""

LARGEST = 1e250
"""Where a formula's value is cut off, so that products of it stay finite."""


@dataclass(frozen=True)
class UnitCosts:
    """A card's costs for one unit of work; every array has shape (draws, 1).

    Args:
        classical_j: facility joules of the classical part on today's hardware.
        demands: by name of the demand its numbers.
        times: units of work over the model's life.
        steps: intermediate results.
    """

    classical_j: Array
    demands: Mapping[str, Mapping[str, Array]]
    times: Array
    steps: Mapping[str, Array]


def evaluate(
    card: Card, sizes: Mapping[str, Span], quantiles: Quantiles, *, free_loading: bool = False
) -> UnitCosts:
    """Return what a card costs for a unit of work.

    A symbol is drawn once for its whole task, so that a method and its rival share it.

    Args:
        card: the card.
        sizes: as `scenario_sizes` gives them.
        quantiles: the draws.
        free_loading: whether primitives that load data take no gates.

    Raises:
        QwattError: a formula uses a symbol that has no value.
    """
    used = card.used()
    scope = {name: _drawn(f"size:{name}", sizes[name], quantiles) for name in used & sizes.keys()}
    for name in used & card.symbols.keys():
        symbol = card.symbols[name]
        number = Span(symbol.value, symbol.low, symbol.high)
        scope[name] = _drawn(f"{card.task}:{name}", number, quantiles)
    prices = {name: _drawn(f"size:{JOULES[name]}", sizes[JOULES[name]], quantiles) for name in card.costs}
    return unit_costs(card, scope, prices, quantiles("shape").shape, free_loading=free_loading)


def unit_costs(
    card: Card,
    known: Mapping[str, Array],
    prices: Mapping[str, Array],
    shape: tuple[int, ...] = (1, 1),
    *,
    free_loading: bool = False,
) -> UnitCosts:
    """Return what a card costs where its sizes and symbols are known.

    Args:
        card: the card.
        known: every size and symbol that it uses.
        prices: joules of one of each of its classical costs.
        shape: of the results.
        free_loading: whether primitives that load data take no gates.
    """
    used, scope = card.used(), dict(known)
    steps: dict[str, Array] = {}
    for formula in card.formulas:
        if formula.name in used:
            found = _computed(formula.text, scope, shape, card.id, free_loading)
            steps[formula.name] = scope[formula.name] = found
    joules = np.zeros(shape)
    for name, text in card.costs.items():
        joules = joules + _computed(text, scope, shape, card.id) * prices[name] * card.scale.get(name, 1.0)
    demands = {
        kind: {
            name: number * card.scale.get(f"{kind}.{name}", 1.0)
            for name, number in _billed(demand, scope, shape, card.id, free_loading).items()
        }
        for kind, demand in card.demands.items()
    }
    return UnitCosts(joules, demands, _computed(card.times, scope, shape, card.id), steps)


def central(card: Card, sizes: Mapping[str, Span]) -> UnitCosts:
    """Return a card's costs at the central value of every assumption, arrays of shape (1, 1)."""
    return evaluate(card, sizes, central_quantiles)


def assumptions(card: Card, sizes: Mapping[str, Span]) -> dict[str, str]:
    """Return the names under which the card's uncertain numbers are drawn, with their meanings."""
    from qwatt.projection.scaling.sizes import MEANINGS, PRICES

    used = card.used() | {JOULES[name] for name in card.costs}
    meanings = MEANINGS | PRICES
    found = {
        f"size:{name}": meanings[name]
        for name in sorted(used & sizes.keys())
        if sizes[name].low < sizes[name].high
    }
    return found | {
        f"{card.task}:{s.name}": s.meaning for s in card.symbols.values() if s.name in used and s.low < s.high
    }


def _drawn(name: str, number: Span, quantiles: Quantiles) -> Array:
    return spread(number, quantiles(name))


def _billed(
    demand: str | Mapping[str, str],
    scope: Mapping[str, Array],
    shape: tuple[int, ...],
    where: str,
    free_loading: bool = False,
) -> Mapping[str, Array]:
    """Return a demand's numbers: of the bill that its call gives, or formula by formula."""
    if not isinstance(demand, str):
        return {name: _computed(text, scope, shape, where, free_loading) for name, text in demand.items()}
    with np.errstate(over="ignore"):
        bill: Bill = compute(demand, scope, where, demand=True, free_loading=free_loading)
    return {name: _bounded(number, shape) for name, number in bill.numbers().items()}


def _computed(
    text: str, scope: Mapping[str, Array], shape: tuple[int, ...], where: str, free_loading: bool = False
) -> Array:
    with np.errstate(over="ignore"):
        return _bounded(compute(text, scope, where, free_loading=free_loading), shape)


def _bounded(value: Any, shape: tuple[int, ...]) -> Array:
    result: Array = np.minimum(value, LARGEST)
    return np.broadcast_to(result, shape) if result.shape != shape else result
