"""Draws every enhancement against its best classical rival, year by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qwatt.projection.futures.costs import Job, best_job
from qwatt.projection.futures.drawn import drawn as draw
from qwatt.projection.futures.drawn import value
from qwatt.projection.futures.machines import World, world
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.evaluate import evaluate
from qwatt.projection.scaling.load import rivals
from qwatt.projection.scaling.quantile import Array, Mask, Quantiles, random_quantiles, spread
from qwatt.projection.spread import Span

CHUNK = 2000
"""Draws that are computed together, so that their arrays stay in the processor's cache."""

SECONDS_PER_DAY = 86_400.0
NEVER = -1


@dataclass(frozen=True)
class Settings:
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
class Duel:
    """An enhancement against its rivals in some draws; arrays of shape (draws, years) unless said.

    Args:
        quantum_j: joules of a unit of work, classical part contained; infinite where it cannot run.
        classical_j: joules of the best rival.
        simulation_j: joules of simulating the enhancement's circuits on classical hardware of the year.
        qpu_j: the part of quantum_j that the QPU takes.
        job: seconds and qubits on the QPU.
        today: classical_j and the classical part of quantum_j without any progress, shape (draws, 1).
        reaches: whether it reaches equal quality, shape (draws, 1).
        times: units of work over the model's life, shape (draws, 1).
    """

    quantum_j: Array
    classical_j: Array
    simulation_j: Array
    qpu_j: Array
    job: Job
    today: tuple[Array, Array]
    reaches: Mask
    times: Array

    @property
    def wins(self) -> Mask:
        """Whether the enhancement needs less energy at equal quality."""
        return np.asarray((self.quantum_j < self.classical_j) & self.reaches)

    @property
    def wins_frozen(self) -> Mask:
        """Whether it would win against the classical side of today."""
        rival, own = self.today
        return np.asarray((self.qpu_j + own < rival) & self.reaches)

    @property
    def wins_simulation(self) -> Mask:
        """Whether the QPU needs less energy than simulating its circuits, whatever the quality."""
        return np.asarray(self.qpu_j < self.simulation_j)


@dataclass(frozen=True)
class Outcome:
    """What the draws of one enhancement say; arrays of shape (draws,).

    Args:
        card: the enhancement.
        first: index of the first year in which it wins, or NEVER.
        first_simulation: the same against simulating its circuits.
        first_frozen: the same if the classical side stood still.
        first_runs: index of the first year in which a machine can run it at all.
        saved_j: joules of a unit of work that it saves at the first year of winning; 0 where it never wins.
        seconds, qubits: QPU seconds of a unit of work and qubits in use then; 0 where it never wins.
        classical_j: joules of the rival then, else in the last year.
        times: units of work over the model's life.
    """

    card: Card
    first: Array
    first_simulation: Array
    first_frozen: Array
    first_runs: Array
    saved_j: Array
    seconds: Array
    qubits: Array
    classical_j: Array
    times: Array


def duel(
    card: Card,
    sizes: Mapping[str, Span],
    quantiles: Quantiles,
    drawn: World,
    *,
    limited: bool = True,
    against: Sequence[Card] | None = None,
) -> Duel:
    """Return an enhancement against its best rival in every draw and year.

    Args:
        card: the enhancement.
        sizes: the scenario's sizes.
        quantiles: the draws.
        drawn: the world of the same draws.
        limited: False ignores how many qubits exist and how long it takes.
        against: rivals; None takes the card's.
    """
    values = evaluate(card, sizes, quantiles)
    days = evaluate_size(sizes, "days", quantiles)
    life_s = float(days.max()) * SECONDS_PER_DAY
    job = best_job(values.demands, card.read, values.times, life_s, drawn, limited=limited)
    remainder = values.classical_j * drawn.classical
    opponents = rivals(card) if against is None else against
    best = np.minimum.reduce([evaluate(rival, sizes, quantiles).classical_j for rival in opponents])
    return Duel(
        quantum_j=job.joules + remainder,
        classical_j=best * drawn.classical,
        simulation_j=_simulated(values.demands, sizes, quantiles) * drawn.hardware,
        qpu_j=job.joules,
        job=job,
        today=(best, values.classical_j),
        reaches=reaches_quality(card, quantiles),
        times=values.times,
    )


def evaluate_size(sizes: Mapping[str, Span], name: str, quantiles: Quantiles) -> Array:
    """Return draws of one of the scenario's sizes."""
    return spread(sizes[name], quantiles(f"size:{name}"))


def play(
    cards: Sequence[Card],
    sizes: Mapping[str, Span],
    pue: Span,
    settings: Settings,
    known: Mapping[str, Card] | None = None,
) -> list[Outcome]:
    """Play every enhancement in every draw, in chunks.

    Args:
        cards: enhancements with a demand.
        sizes: the scenario's sizes.
        pue: the scenario's facility overhead.
        settings: years, draws, seed, outlook.
        known: cards by id, where measured trials changed rivals; None takes the catalogue's.
    """
    against = {card.id: [(known or {}).get(r.id, r) for r in rivals(card)] for card in cards}
    quantiles = random_quantiles(settings.draws, settings.seed)
    parts: dict[str, list[tuple[Array, ...]]] = {card.id: [] for card in cards}
    for part in chunks(quantiles, settings.draws):
        drawn = drawn_world(part, pue, settings)
        for card in cards:
            parts[card.id].append(_first_win(duel(card, sizes, part, drawn, against=against[card.id])))
    return [
        Outcome(card, *(np.concatenate(column) for column in zip(*parts[card.id], strict=True)))
        for card in cards
    ]


def drawn_world(quantiles: Quantiles, pue: Span, settings: Settings) -> World:
    """Return the world of some draws under the settings."""
    years = np.asarray(settings.years, dtype=float)
    return world(
        quantiles, years, pue, vendor_share=settings.vendor_share, hardware_gain=settings.hardware_gain
    )


def chunks(quantiles: Quantiles, draws: int) -> Iterator[Quantiles]:
    """Yield the draws in parts of `CHUNK`."""
    for start in range(0, draws, CHUNK):
        yield lambda name, start=start: quantiles(name)[start : start + CHUNK]  # type: ignore[misc]


def _first_win(battle: Duel) -> tuple[Array, ...]:
    first, won = _first(battle.wins)
    others = (battle.wins_simulation, battle.wins_frozen, np.isfinite(battle.qpu_j))
    at = np.where(won, first, battle.classical_j.shape[1] - 1).astype(int)[:, None]

    def then(array: Array) -> Array:
        return np.take_along_axis(np.broadcast_to(array, battle.classical_j.shape), at, axis=1)[:, 0]

    classical = then(battle.classical_j)
    saved = np.where(won, classical - np.where(won, then(battle.quantum_j), 0.0), 0.0)
    seconds = np.where(won, then(battle.job.seconds), 0.0)
    qubits = np.where(won, then(battle.job.qubits), 0.0)
    return first, *(_first(wins)[0] for wins in others), saved, seconds, qubits, classical, battle.times[:, 0]


def _first(wins: Mask) -> tuple[Array, Mask]:
    ever = np.asarray(wins.any(axis=1))
    return np.where(ever, wins.argmax(axis=1), NEVER).astype(float), ever


def reaches_quality(card: Card, quantiles: Quantiles) -> Mask:
    """Return whether the enhancement reaches equal quality, by the card's probability; shape (draws, 1)."""
    if card.quality is None:
        return np.full(quantiles("shape").shape, True)
    symbol = card.quality
    chance = spread(Span(symbol.value, symbol.low, symbol.high), quantiles(f"{card.id}:quality"))
    return np.asarray(quantiles(f"{card.id}:reaches") < chance)


def _simulated(
    demands: Mapping[str, Mapping[str, Array]], sizes: Mapping[str, Span], quantiles: Quantiles
) -> Array:
    """Return joules of simulating a unit's circuits today: gates x 2 x bytes x 2^n over bandwidth.

    All shots of a circuit come from one state vector. An anneal is simulated by annealing on a CPU.
    """
    watts = evaluate_size(sizes, "J_gpu_h", quantiles) / 3600.0
    if "anneal" in demands:
        asked = demands["anneal"]
        core_s = (
            asked["problems"]
            * asked["reads"]
            * asked["variables"] ** 2
            * draw(quantiles, "annealer", "simulated_s")
        )
        return np.asarray(core_s * evaluate_size(sizes, "J_core_s", quantiles))
    if "gate" in demands:
        asked = demands["gate"]
        gates = asked["circuits"] * (asked["gates_1q"] + asked["gates_2q"])
    else:
        asked = demands["logical"]
        gates = asked["toffoli"] + asked["rotations"]
    bytes_moved = gates * 2.0 * value("use", "amplitude_bytes")
    rate = evaluate_size(sizes, "bytes_s", quantiles) * value("use", "simulator_efficiency")
    return np.asarray(watts * bytes_moved / rate * 2.0 ** np.minimum(asked["qubits"], 800.0))
