"""Expectation values, probabilities or samples: one circuit an input."""

from __future__ import annotations

from qwatt.core.demand import Demand
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.bill import CircuitBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import state_flops
from qwatt.quantum.primitives.size import CircuitSize, Number, size_of


@named("expectation", "gate")
def bill(size: CircuitSize, circuits: Number = 1, shots: Number = None) -> CircuitBill:
    """One circuit an input, each with its shots.

    Read-outs in Z of all wires commute, so they come from the same shots.

    Args:
        size: of the circuit.
        circuits: inputs; 1 for a circuit without inputs.
        shots: of each circuit.
    """
    return CircuitBill(circuits, shots, size)


def demand(
    circuit: Circuit | CircuitSize, circuits: int, shots: int | None = None, note: str = "expval"
) -> Demand:
    """Return the bill in whole circuits; the note says what is read: "expval", "probs" or "sample"."""
    return bill(size_of(circuit), circuits, shots).demand(note)


def simulation_flops(circuit: Circuit | CircuitSize, circuits: int) -> float:
    """Return the operations of one state an input."""
    return float(state_flops(circuit, circuits))
