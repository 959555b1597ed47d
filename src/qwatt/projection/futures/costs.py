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
class Job:
    """A unit of work on the cheapest machine by year, arrays of shape (draws, years).

    Args:
        joules: facility joules; infinite where no machine can do it.
        seconds: busy machine-seconds.
        qubits: physical qubits in use.
    """

    joules: Array
    seconds: Array
    qubits: Array

    def cheaper(self, other: Job) -> Job:
        """Return the cheaper of two jobs, element by element."""
        better = other.joules < self.joules
        return Job(
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
) -> Job:
    """Return the cheapest way to do a unit of work on any machine of the world.

    Args:
        demands: the card's alternatives.
        read: "mean" or "sample".
        times: units of work over the model's life.
        life_s: seconds in service, within which the fleet must do all units.
        drawn: the world.
        limited: False ignores how many qubits exist and how long it takes, to see how far away it is.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        jobs = [
            route
            for kind, demand in demands.items()
            for route in _routes(kind, demand, read, times, life_s, drawn, limited)
        ]
    best = jobs[0]
    for job in jobs[1:]:
        best = best.cheaper(job)
    return best


def _routes(
    kind: str,
    demand: Mapping[str, Array],
    read: str,
    times: Array,
    life_s: float,
    drawn: World,
    limited: bool,
) -> list[Job]:
    if kind == "anneal":
        return [_anneal(demand, times, life_s, drawn, limited)]
    if kind == "gate":
        return [
            _circuits(demand, read, times, life_s, machine, drawn, limited)
            for machine in drawn.machines.values()
            if machine.circuits
        ]
    return [_logical(demand, times, life_s, machine, drawn, limited) for machine in drawn.machines.values()]


def _circuits(
    demand: Mapping[str, Array],
    read: str,
    times: Array,
    life_s: float,
    machine: Machine,
    drawn: World,
    limited: bool,
) -> Job:
    """Circuits without error correction: packed side by side, mitigated by more shots."""
    qubits = np.maximum(demand["qubits"], 1.0)
    weight = demand["gates_2q"] + drawn.ratio_1q * demand["gates_1q"] + drawn.ratio_readout * demand["qubits"]
    exponent = value("use", f"exponent_{read}") * machine.error * weight
    copies = np.maximum(drawn.packing * machine.qubits / qubits, 1.0)
    shot_s = machine.shot_s + demand["depth"] * machine.layer_s
    shots = demand["circuits"] * demand["shots"] * drawn.quantum_algorithms
    seconds = shots * shot_s / copies * np.exp(np.minimum(exponent, 600.0))
    watts = machine.fixed_w + machine.qubit_w * np.maximum(machine.qubits, qubits)
    can = np.isfinite(exponent)
    if limited:
        can &= (
            (exponent <= value("use", "bearable"))
            & (qubits <= machine.qubits)
            & (seconds * times <= life_s * drawn.fleet)
        )
    return _job(can, watts, seconds, np.broadcast_to(qubits, seconds.shape), drawn)


def _logical(
    demand: Mapping[str, Array],
    times: Array,
    life_s: float,
    machine: Machine,
    drawn: World,
    limited: bool,
) -> Job:
    """Error-corrected runs: code distance, factories, reactions."""
    most = machine.qubits if limited else None
    run = corrected(demand, machine, drawn.code_error, drawn.code_share, most)
    if run is None:
        nothing = np.full(machine.qubits.shape, np.inf)
        return Job(nothing, nothing, nothing)
    physical, run_s, can = run
    runs = demand["runs"] * drawn.quantum_algorithms
    seconds = np.minimum(run_s * np.maximum(runs, np.minimum(demand["runs"], 1.0)), _HUGE)
    if limited:
        can &= (run_s <= value("use", "longest_run") * SECONDS_PER_DAY) & (
            physical <= machine.qubits * (1.0 + 1e-9)
        )
        can &= seconds * times <= life_s * drawn.fleet
    watts = machine.fixed_w + machine.qubit_w * physical
    return _job(can, watts, seconds, physical, drawn)


def _anneal(demand: Mapping[str, Array], times: Array, life_s: float, drawn: World, limited: bool) -> Job:
    """QUBOs on an annealer; small ones share a programming cycle side by side."""
    machine = drawn.annealer
    tiles = np.maximum(drawn.packing * (machine.clique / np.maximum(demand["variables"], 1.0)) ** 2, 1.0)
    batches = np.maximum(demand["problems"] * drawn.quantum_algorithms / tiles, 1.0)
    seconds = batches * (machine.program_s + demand["reads"] * machine.read_s)
    can = np.full(seconds.shape, True)
    if limited:
        can = (demand["variables"] <= machine.clique) & (seconds * times <= life_s * drawn.fleet)
    return _job(can, machine.system_w, seconds, demand["variables"] * np.ones_like(seconds), drawn)


def _job(can: Mask, watts: Array, seconds: Array, qubits: Array, drawn: World) -> Job:
    joules = drawn.pue * watts * seconds / drawn.utilisation
    return Job(np.where(can & (joules < _HUGE), joules, np.inf), seconds, qubits)
