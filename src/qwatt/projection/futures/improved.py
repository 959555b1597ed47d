"""Machines and demands of a year that are better by given factors: what would have to be true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from qwatt.projection.futures.costs import MachineWork, best_job
from qwatt.projection.futures.machines import World
from qwatt.projection.scaling.quantile import Array

Demands = Mapping[str, Mapping[str, Array]]
_REPEATED = {"gate": "shots", "anneal": "reads", "logical": "runs"}
_LOADED = {"gate": ("gates_1q", "gates_2q", "depth"), "logical": ("toffoli", "rotations", "depth")}


@dataclass(frozen=True)
class Better:
    """Factors of at most 1, each of shape (1, columns) or 1.

    Args:
        time: of every gate, read, shot, cycle, reaction and programming.
        watts: of a qubit; of an annealer's system, whose qubits have none of their own.
        error: of two-qubit gates, the others with them.
        reads: of shots, reads and runs; one is left.
        loading: of the gates that load data.
    """

    time: Array | float = 1.0
    watts: Array | float = 1.0
    error: Array | float = 1.0
    reads: Array | float = 1.0
    loading: Array | float = 1.0


def improved_job(
    demands: Demands, unloaded: Demands | None, read: str, times: Array, drawn: World, better: Better
) -> MachineWork:
    """Return the cheapest job on machines of any size that are better by some factors.

    Args:
        demands: the card's alternatives, arrays of shape (draws, 1).
        unloaded: the same without loading any data; None where nothing is loaded.
        read: "mean" or "sample".
        times: units of work over the model's life.
        drawn: the world of one year, arrays of shape (draws, 1).
        better: the factors, one column each.
    """
    lighter = {kind: _lighter(kind, demand, unloaded, better) for kind, demand in demands.items()}
    return best_job(lighter, read, times, np.inf, improved(drawn, better), limited=False)


def improved(drawn: World, better: Better) -> World:
    """Return the world with better machines."""
    machines = {
        name: replace(
            one,
            cycle_s=one.cycle_s * better.time,
            layer_s=one.layer_s * better.time,
            shot_s=one.shot_s * better.time,
            error=one.error * better.error,
            qubit_w=one.qubit_w * better.watts,
            reaction=one.reaction * better.time,
        )
        for name, one in drawn.machines.items()
    }
    annealer = replace(
        drawn.annealer,
        program_s=drawn.annealer.program_s * better.time,
        read_s=drawn.annealer.read_s * better.time,
        system_w=drawn.annealer.system_w * better.watts,
    )
    return replace(drawn, machines=machines, annealer=annealer)


def _lighter(
    kind: str, demand: Mapping[str, Array], unloaded: Demands | None, better: Better
) -> dict[str, Array]:
    """Return a demand with fewer repetitions and cheaper loading; loading adds to gates and depth."""
    result = dict(demand)
    name = _REPEATED[kind]
    result[name] = np.maximum(demand[name] * better.reads, np.minimum(demand[name], 1.0))
    if unloaded is None:
        return result
    for part in _LOADED.get(kind, ()):
        free = unloaded[kind][part]
        result[part] = free + (demand[part] - free) * better.loading
    return result
