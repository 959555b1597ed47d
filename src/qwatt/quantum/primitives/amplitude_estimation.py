"""Iterative amplitude estimation (arXiv:1912.05559)."""

from __future__ import annotations

from collections.abc import Iterable

from qwatt.core.demand import Demand
from qwatt.quantum.circuit import Circuit
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


def simulation_flops(circuit: Circuit, rounds: Iterable[tuple[int, int]], good: int = 0) -> float:
    """Return the operations of one state a round, however many shots it takes."""
    return float(sum(state_flops(_amplified(circuit, k, good)) for k, _ in rounds))


def _amplified(circuit: Circuit, iterations: int, good: int) -> CircuitSize:
    from qwatt.quantum.circuits.amplification import amplified_counts

    found = amplified_counts(circuit, iterations, good)
    return CircuitSize(circuit.wires, found.gates_1q, found.gates_2q, found.depth, 1)
