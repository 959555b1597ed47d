"""Draws every enhancement against its best classical rival, year by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.projection.futures.duel import Duel, duel
from qwatt.projection.futures.machines import World, world
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.load import rivals
from qwatt.projection.scaling.quantile import Array, Mask, Quantiles, random_quantiles
from qwatt.projection.spread import Span

CHUNK = 2000
"""Draws that are computed together, so that their arrays stay in the processor's cache."""

NEVER = -1
_LARGEST = 1e38

Column = NDArray[Any]
"""One number a draw."""


@dataclass(frozen=True)
class DrawSettings:
    """What is drawn, and how.

    Args:
        years: calendar years to look at.
        draws: how many worlds.
        seed: equal seeds give equal results.
        vendor_share: share of the draws that believe vendors' roadmaps; None takes the catalogue's.
        hardware_gain: yearly factor by which classical joules per FLOP fall; None takes the catalogue's.
    """

    years: tuple[int, ...] = tuple(range(2026, 2051))
    draws: int = 20_000
    seed: int = 0
    vendor_share: float | None = None
    hardware_gain: Span | None = None


@dataclass(frozen=True)
class DrawnOutcome:
    """What the draws of one enhancement say; arrays of shape (draws,), short to hold many draws.

    Args:
        card: the enhancement.
        first: index of the first year in which it wins, or NEVER.
        first_simulation: the same against simulating its circuits.
        first_frozen: the same if the classical side stood still.
        first_runs: index of the first year in which a machine can run it at all.
        saved_j: joules of a unit of work that it saves at the first year of winning; 0 where it never wins.
        seconds, qubits: QPU seconds of a unit of work and qubits in use then; 0 where it never wins.
        qpu_j: facility joules that the QPU takes of them; 0 where it never wins.
        times: units of work over the model's life.
    """

    card: Card
    first: Column
    first_simulation: Column
    first_frozen: Column
    first_runs: Column
    saved_j: Column
    seconds: Column
    qubits: Column
    qpu_j: Column
    times: Column


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
    parts: dict[str, list[tuple[Column, ...]]] = {card.id: [] for card in cards}
    for part in chunks(settings):
        drawn = drawn_world(part, pue, settings)
        for card in cards:
            parts[card.id].append(_first_win(duel(card, sizes, part, drawn, against=against[card.id])))
    return [
        DrawnOutcome(card, *(np.concatenate(column) for column in zip(*parts[card.id], strict=True)))
        for card in cards
    ]


def drawn_world(quantiles: Quantiles, pue: Span, settings: DrawSettings) -> World:
    """Return the world of some draws under the settings."""
    years = np.asarray(settings.years, dtype=float)
    return world(
        quantiles, years, pue, vendor_share=settings.vendor_share, hardware_gain=settings.hardware_gain
    )


def chunks(settings: DrawSettings) -> Iterator[Quantiles]:
    """Yield the draws in parts of `CHUNK`."""
    for start in range(0, settings.draws, CHUNK):
        yield random_quantiles(min(CHUNK, settings.draws - start), settings.seed, start)


def _first_win(battle: Duel) -> tuple[Column, ...]:
    first, won = _first(battle.wins)
    others = (battle.wins_simulation, battle.wins_frozen, np.isfinite(battle.qpu_j))
    at = np.where(won, first, battle.classical_j.shape[1] - 1).astype(int)[:, None]

    def then(array: Array) -> Array:
        return np.take_along_axis(np.broadcast_to(array, battle.classical_j.shape), at, axis=1)[:, 0]

    taken = np.where(won, then(battle.quantum_j), 0.0)
    saved = np.where(won, then(battle.classical_j) - taken, 0.0)
    seconds, qubits, qpu = (
        np.where(won, then(array), 0.0) for array in (battle.job.seconds, battle.job.qubits, battle.qpu_j)
    )
    indices = (first, *(_first(wins)[0] for wins in others))
    amounts = (saved, seconds, qubits, qpu, battle.times[:, 0])
    return *(i.astype(np.int16) for i in indices), *(
        np.minimum(a, _LARGEST).astype(np.float32) for a in amounts
    )


def _first(wins: Mask) -> tuple[Array, Mask]:
    ever = np.asarray(wins.any(axis=1))
    return np.where(ever, wins.argmax(axis=1), NEVER).astype(float), ever
