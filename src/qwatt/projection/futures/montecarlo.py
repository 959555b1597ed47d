"""Draws every enhancement against its best classical rival, year by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from qwatt.projection.futures.duel import duel
from qwatt.projection.futures.machines import World, world
from qwatt.projection.futures.outcome import DrawnOutcome, joined, outcome_of
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.load import rivals
from qwatt.projection.scaling.quantile import Quantiles, central_quantiles, random_quantiles
from qwatt.projection.spread import Span

CHUNK = 2000
"""Draws that are computed together, so that their arrays stay in the processor's cache."""


@dataclass(frozen=True)
class DrawSettings:
    """What is drawn, and how.

    Args:
        years: calendar years to look at.
        draws: how many worlds.
        seed: equal seeds give equal results.
        vendor_share: share of the draws that believe vendors' roadmaps; None takes the catalogue's.
        hardware_gain: yearly factor by which classical joules per FLOP fall; None takes the catalogue's.
        free_qpu: whether QPUs cost nothing and have any size.
    """

    years: tuple[int, ...] = tuple(range(2026, 2051))
    draws: int = 4_000
    seed: int = 0
    vendor_share: float | None = None
    hardware_gain: Span | None = None
    free_qpu: bool = False


def play(
    cards: Sequence[Card],
    sizes: Mapping[str, Span],
    pue: Span,
    settings: DrawSettings,
    known: Mapping[str, Card] | None = None,
) -> list[DrawnOutcome]:
    """Play every enhancement in every draw, in chunks.

    Args:
        cards: enhancements with a demand.
        sizes: the scenario's sizes.
        pue: the scenario's facility overhead.
        settings: years, draws, seed, outlook.
        known: cards by id, where measured trials changed rivals; None takes the catalogue's.
    """
    against = {card.id: [(known or {}).get(r.id, r) for r in rivals(card)] for card in cards}
    parts: dict[str, list[DrawnOutcome]] = {card.id: [] for card in cards}
    for part in chunks(settings):
        drawn = drawn_world(part, pue, settings)
        for card in cards:
            battle = duel(card, sizes, part, drawn, against=against[card.id])
            parts[card.id].append(outcome_of(battle, card))
    return [joined(parts[card.id]) for card in cards]


def drawn_world(quantiles: Quantiles, pue: Span, settings: DrawSettings) -> World:
    """Return the world of some draws under the settings."""
    years = np.asarray(settings.years, dtype=float)
    drawn = world(
        quantiles, years, pue, vendor_share=settings.vendor_share, hardware_gain=settings.hardware_gain
    )
    return replace(drawn, free=settings.free_qpu)


@lru_cache(maxsize=8)
def kept_world(draws: int, pue: Span, settings: DrawSettings) -> tuple[Quantiles, World]:
    """Return draws and their world, kept for every enhancement asks for the same; 0 draws: the medians."""
    quantiles = random_quantiles(draws, settings.seed) if draws else central_quantiles
    return quantiles, drawn_world(quantiles, pue, settings)


def chunks(settings: DrawSettings) -> Iterator[Quantiles]:
    """Yield the draws in parts of `CHUNK`."""
    for start in range(0, settings.draws, CHUNK):
        yield random_quantiles(min(CHUNK, settings.draws - start), settings.seed, start)
