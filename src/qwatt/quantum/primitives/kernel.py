"""Fidelity kernels by compute-uncompute (arXiv:1804.11326)."""

from __future__ import annotations

from qwatt.core.demand import Demand
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives.bill import CircuitBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import FLOPS_PER_AMPLITUDE, state_flops
from qwatt.quantum.primitives.size import CircuitSize, Number, size_of


@named("kernel", "gate")
def bill(size: CircuitSize, samples: Number, others: Number = None, shots: Number = None) -> CircuitBill:
    """Compute-uncompute, twice the feature map's gates: N (N - 1) / 2 circuits, or N M against M others.

    The diagonal of the symmetric matrix is 1 and needs no circuit (arXiv:1804.11326).

    Args:
        size: of the feature map.
        samples: N.
        others: M; without it the symmetric matrix.
        shots: of each circuit.
    """
    pairs = samples * (samples - 1) / 2 if others is None else samples * others
    return CircuitBill(pairs, shots, size.inverted())


def demand(
    circuit: Circuit | CircuitSize, samples: int, others: int | None = None, shots: int | None = None
) -> Demand:
    """Return the bill in whole circuits."""
    return bill(size_of(circuit), samples, others, shots).demand("kernel")


def simulation_flops(circuit: Circuit | CircuitSize, samples: int, others: int | None = None) -> float:
    """Return the operations of one state a sample and one product of the states, half of it by symmetry."""
    qubits = circuit.qubits if isinstance(circuit, CircuitSize) else circuit.wires
    products = samples * samples / 2 if others is None else samples * others
    states = samples + (others or 0)
    return float(state_flops(circuit, states) + FLOPS_PER_AMPLITUDE * products * 2.0**qubits)
