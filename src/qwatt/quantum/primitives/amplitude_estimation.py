"""Iterative amplitude estimation (arXiv:1912.05559)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from qwatt.core.demand import Demand
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives import amplitudes
from qwatt.quantum.primitives.bill import CircuitBill, LogicalBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import state_flops
from qwatt.quantum.primitives.size import CircuitSize, Number

_CALLS_PER_ERROR = 50
"""Calls x error at 95 % confidence; `algorithms.amplitude_estimation` takes 28 to 59 in the mean of runs."""


@named("amplitude_estimation_calls", "number")
def calls(error: Number) -> Number:
    """Uses of the preparation or its inverse to a half-width of eps at 95 %: 50 / eps (arXiv:1912.05559).

    Args:
        error: eps.
    """
    return _CALLS_PER_ERROR / error


@named("amplitude_estimation", "logical")
def bill(
    error: Number,
    qubits: Number,
    toffoli: Number,
    depth: Number,
    rotations: Number = 0,
    runs: Number = 1,
) -> LogicalBill:
    """50 / eps uses of a preparation, one after another (arXiv:1912.05559).

    Args:
        error: eps, half-width at 95 %.
        qubits: of the preparation.
        toffoli: of one use.
        depth: of one use.
        rotations: of one use.
        runs: estimates.
    """
    uses = calls(error)
    return LogicalBill(qubits, uses * toffoli, uses * rotations, uses * depth, runs)


def demand(circuit: Circuit, rounds: Iterable[tuple[int, int]], good: int = 0) -> Demand:
    """Return the bill of an estimate's rounds: one amplified circuit each, as deep as its k asks.

    Args:
        circuit: the preparation A.
        rounds: (k, shots) of every round, as in `AmplitudeEstimate.rounds`.
        good: the wire that is read.
    """
    return Demand.sum(
        CircuitBill(1, shots, _amplified(circuit, k, good)).demand("amplitude estimation")
        for k, shots in rounds
    )


@cache
def mean_overlap_size(index: int, data: int, iterations: int) -> CircuitSize:
    """Return the size of `circuits.mean_overlap` after so many amplifications, its trees by their formula.

    The gates are exact; the depth takes loads as run alone, and the rest as run without them in between.

    Args:
        index: qubits of the index.
        data: qubits of a vector.
        iterations: k; both loads are used 2k + 1 times.
    """
    from qwatt.quantum.circuits.amplification import amplified_counts
    from qwatt.quantum.circuits.mean_overlap import mean_overlap

    rest = amplified_counts(mean_overlap(index, data, loads=False), iterations, index + data)
    uses = 2 * iterations + 1
    loads = amplitudes.size(index + data).then(amplitudes.size(data)).times(uses)
    return CircuitSize(
        index + data + 1,
        int(loads.gates_1q) + rest.gates_1q - uses * index,  # gates that stood for the loads
        int(loads.gates_2q) + rest.gates_2q,
        int(loads.depth) + rest.depth,
        1,
    )


def mean_overlap_demand(
    index: int, data: int, rounds: Iterable[int], circuits: int, shots: int | None
) -> Demand:
    """Return the bill of estimates by a fixed schedule: one circuit of each round for every estimate.

    Args:
        index: qubits of the index.
        data: qubits of a vector.
        rounds: amplifications k of each.
        circuits: estimates.
        shots: of each circuit.
    """
    return Demand.sum(
        CircuitBill(circuits, shots, mean_overlap_size(index, data, k)).demand("amplitude estimation")
        for k in rounds
    )


def simulation_flops(circuit: Circuit, rounds: Iterable[tuple[int, int]], good: int = 0) -> float:
    """Return the operations of one state a round, however many shots it takes."""
    return float(sum(state_flops(_amplified(circuit, k, good)) for k, _ in rounds))


def _amplified(circuit: Circuit, iterations: int, good: int) -> CircuitSize:
    from qwatt.quantum.circuits.amplification import amplified_counts

    found = amplified_counts(circuit, iterations, good)
    return CircuitSize(circuit.wires, found.gates_1q, found.gates_2q, found.depth, 1)
