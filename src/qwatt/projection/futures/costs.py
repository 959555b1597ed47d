"""What a unit of work takes on a drawn machine: joules, machine-seconds, qubits, and whether it can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qwatt.projection.futures.drawn import value
from qwatt.projection.futures.error_correction import corrected
from qwatt.projection.futures.machines import Machine, World
from qwatt.projection.scaling.quantile import Array, Mask

SECONDS_PER_DAY = 86_400.0
_HUGE = 1e300
"""Joules beyond which a machine counts as unable; numbers end not far above."""


@dataclass(frozen=True)
class MachineWork:
    """A unit of work on the cheapest machine by year, arrays of shape (draws, years).

    Args:
        joules: facility joules; infinite where no machine can do it.
        seconds: busy machine-seconds.
        qubits: physical qubits in use.
    """

    joules: Array
    seconds: Array
    qubits: Array

    def cheaper(self, other: MachineWork) -> MachineWork:
        """Return the cheaper of two jobs, element by element."""
        better = other.joules < self.joules
        return MachineWork(
            np.where(better, other.joules, self.joules),
            np.where(better, other.seconds, self.seconds),
            np.where(better, other.qubits, self.qubits),
        )


def best_job(
    demands: Mapping[str, Mapping[str, Array]],
    read: str,
    times: Array,
    life_s: float,
    drawn: World,
    *,
    limited: bool = True,
) -> MachineWork:
    """Return the cheapest way to do a unit of work on any machine of the world.

    Args:
        demands: the card's alternatives.
        read: "mean" or "sample".
        times: units of work over the model's life.
        life_s: seconds in service, within which the fleet must do all units.
        drawn: the world.
        limited: False ignores how many qubits exist and how long it takes, to see how far away it is.
    """
    if drawn.free:
        nothing = np.zeros(np.broadcast_shapes(times.shape, drawn.years[None, :].shape))
        return MachineWork(nothing, nothing, nothing)
    load = _Load(times, life_s, drawn, limited)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        jobs = [route for kind, demand in demands.items() for route in _routes(kind, demand, read, load)]
    best = jobs[0]
    for job in jobs[1:]:
        best = best.cheaper(job)
    return best


@dataclass(frozen=True)
class _Load:
    """How often a unit of work is done within how long, in which world, and whether its limits count."""

    times: Array
    life_s: float
    world: World
    limited: bool

    def in_time(self, seconds: Array) -> Mask:
        """Return whether the fleet does all units of work in service."""
        return np.asarray(seconds * self.times <= self.life_s * self.world.fleet)


def _routes(kind: str, demand: Mapping[str, Array], read: str, load: _Load) -> list[MachineWork]:
    if kind == "anneal":
        return [_anneal(demand, load)]
    machines = load.world.machines.values()
    if kind == "gate":
        return [_circuits(demand, read, machine, load) for machine in machines if machine.circuits]
    return [_logical(demand, machine, load) for machine in machines]


def _circuits(demand: Mapping[str, Array], read: str, machine: Machine, load: _Load) -> MachineWork:
    """Circuits without error correction: packed side by side, mitigated by more shots.

    The machine is no larger than the shots fill, and there is at least one round of them.
    """
    drawn = load.world
    qubits = np.maximum(demand["qubits"], 1.0)
    weight = demand["gates_2q"] + drawn.ratio_1q * demand["gates_1q"] + drawn.ratio_readout * demand["qubits"]
    exponent = value("use", f"exponent_{read}") * machine.error * weight
    shots = demand["circuits"] * demand["shots"] * drawn.quantum_algorithms
    filled = np.maximum(shots * qubits / drawn.packing, qubits)
    size = np.minimum(np.maximum(machine.qubits, qubits), filled)
    copies = np.maximum(drawn.packing * size / qubits, 1.0)
    shot_s = machine.shot_s + demand["depth"] * machine.layer_s
    rounds = np.maximum(shots / copies, 1.0)
    seconds = rounds * shot_s * np.exp(np.minimum(exponent, 600.0))
    watts = machine.fixed_w + machine.qubit_w * size
    can = np.isfinite(exponent)
    if load.limited:
        can &= exponent <= value("use", "bearable")
        can &= (qubits <= machine.qubits) & load.in_time(seconds)
    return _job(can, watts, seconds, np.broadcast_to(qubits, seconds.shape), drawn)


def _logical(demand: Mapping[str, Array], machine: Machine, load: _Load) -> MachineWork:
    """Error-corrected runs: code distance, factories, reactions."""
    drawn = load.world
    most = machine.qubits if load.limited else None
    run = corrected(demand, machine, drawn.code_error, drawn.code_share, most)
    if run is None:
        nothing = np.full(machine.qubits.shape, np.inf)
        return MachineWork(nothing, nothing, nothing)
    physical, run_s, can = run
    runs = demand["runs"] * drawn.quantum_algorithms
    seconds = np.minimum(run_s * np.maximum(runs, np.minimum(demand["runs"], 1.0)), _HUGE)
    if load.limited:
        can &= run_s <= value("use", "longest_run") * SECONDS_PER_DAY
        can &= (physical <= machine.qubits * (1.0 + 1e-9)) & load.in_time(seconds)
    watts = machine.fixed_w + machine.qubit_w * physical
    return _job(can, watts, seconds, physical, drawn)


def _anneal(demand: Mapping[str, Array], load: _Load) -> MachineWork:
    """QUBOs on an annealer; small ones share a programming cycle side by side."""
    drawn, machine = load.world, load.world.annealer
    tiles = np.maximum(drawn.packing * (machine.clique / np.maximum(demand["variables"], 1.0)) ** 2, 1.0)
    batches = np.maximum(demand["problems"] * drawn.quantum_algorithms / tiles, 1.0)
    seconds = batches * (machine.program_s + demand["reads"] * machine.read_s)
    can = np.full(seconds.shape, True)
    if load.limited:
        can = (demand["variables"] <= machine.clique) & load.in_time(seconds)
    return _job(can, machine.system_w, seconds, demand["variables"] * np.ones_like(seconds), drawn)


def _job(can: Mask, watts: Array, seconds: Array, qubits: Array, drawn: World) -> MachineWork:
    joules = drawn.pue * watts * seconds / drawn.utilisation
    return MachineWork(np.where(can & (joules < _HUGE), joules, np.inf), seconds, qubits)
