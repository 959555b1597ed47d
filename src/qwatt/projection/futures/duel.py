"""An enhancement against its best classical rival, and against simulating its circuits, draw by draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qwatt.core.quantity import S_PER_H
from qwatt.projection.futures.costs import MachineWork, best_job
from qwatt.projection.futures.drawn import drawn as draw
from qwatt.projection.futures.drawn import value
from qwatt.projection.futures.host import host_core_s
from qwatt.projection.futures.machines import World
from qwatt.projection.scaling.card import Card
from qwatt.projection.scaling.evaluate import evaluate
from qwatt.projection.scaling.load import rivals
from qwatt.projection.scaling.quantile import Array, Mask, Quantiles, spread
from qwatt.projection.spread import Span

SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True)
class Duel:
    """An enhancement against its rivals in some draws; arrays of shape (draws, years) unless said.

    Args:
        quantum_j: joules of a unit of work, the host's and the classical part contained; infinite where it
            cannot run.
        classical_j: joules of the best rival.
        simulation_j: joules of simulating the enhancement's circuits on classical hardware of the year.
        qpu_j: the part of quantum_j that the QPU takes.
        job: seconds and qubits on the QPU.
        host_today: what the host takes for the QPU without any progress, shape (draws, 1).
        today: classical_j and the classical part of quantum_j without any progress, shape (draws, 1).
        reaches: whether it reaches equal quality, shape (draws, 1).
        times: units of work over the model's life, shape (draws, 1).
    """

    quantum_j: Array
    classical_j: Array
    simulation_j: Array
    qpu_j: Array
    job: MachineWork
    host_today: Array
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
        return np.asarray((self.qpu_j + self.host_today + own < rival) & self.reaches)

    @property
    def wins_simulation(self) -> Mask:
        """Whether the QPU needs less energy than simulating its circuits, whatever the quality."""
        return np.asarray(self.qpu_j < self.simulation_j)


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
    progress, idle = drawn.classical[card.progress], drawn.classical_idle
    days = evaluate_size(sizes, "days", quantiles)
    life_s = float(days.max()) * SECONDS_PER_DAY
    job = best_job(values.demands, card.read, values.times, life_s, drawn, limited=limited)
    own = values.classical_j * idle
    opponents = rivals(card) if against is None else against
    best = idle * best_rival(opponents, sizes, quantiles)
    host = host_joules(values.demands, sizes, quantiles, drawn)
    return Duel(
        quantum_j=job.joules + host + own * progress,
        classical_j=best * progress,
        simulation_j=_simulated(values.demands, sizes, quantiles) * idle * drawn.hardware,
        qpu_j=job.joules,
        job=job,
        host_today=host[:, :1] / drawn.hardware[:, :1],
        today=(best, own),
        reaches=reaches_quality(card, quantiles),
        times=values.times,
    )


def host_joules(
    demands: Mapping[str, Mapping[str, Array]], sizes: Mapping[str, Span], quantiles: Quantiles, drawn: World
) -> Array:
    """Return what the host takes for the QPU's work by year, 0 with free QPUs; shape (draws, years)."""
    if drawn.free:
        return np.zeros(drawn.hardware.shape)
    price = evaluate_size(sizes, "J_core_s", quantiles) * drawn.classical_idle
    return np.asarray(host_core_s(demands, quantiles) * price * drawn.hardware)


def best_rival(against: Sequence[Card], sizes: Mapping[str, Span], quantiles: Quantiles) -> Array:
    """Return the fewest joules of a unit of work by any rival today, in busy hours; shape (draws, 1)."""
    every = [evaluate(rival, sizes, quantiles).classical_j for rival in against]
    return np.asarray(np.minimum.reduce(every))


def evaluate_size(sizes: Mapping[str, Span], name: str, quantiles: Quantiles) -> Array:
    """Return draws of one of the scenario's sizes."""
    return spread(sizes[name], quantiles(f"size:{name}"))


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
    watts = evaluate_size(sizes, "J_gpu_h", quantiles) / S_PER_H
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
