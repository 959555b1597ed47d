"""Overlap tests: inversion (compute-uncompute), swap and interference; circuits in `circuits.overlap`."""

from __future__ import annotations

import numpy as np

from qwatt.core.demand import Demand
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives import amplitudes
from qwatt.quantum.primitives.bill import CircuitBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.simulation import FLOPS_PER_AMPLITUDE, state_flops
from qwatt.quantum.primitives.size import CircuitSize, Number, size_of


@named("inversion_test", "gate")
def inversion_bill(size: CircuitSize, circuits: Number = 1, shots: Number = None) -> CircuitBill:
    """Compute-uncompute: twice the preparation's gates and depth; all wires read 0 with the fidelity.

    Args:
        size: of the preparation.
        circuits: pairs of states.
        shots: of each.
    """
    return CircuitBill(circuits, shots, size.inverted())


@named("swap_test", "gate")
def swap_bill(size: CircuitSize, circuits: Number = 1, shots: Number = None) -> CircuitBill:
    """Swap test: two preparations side by side, 2 H, and n CSWAP of 9 one-qubit gates and 8 CNOT.

    2 n + 1 qubits. CSWAPs share the control, and one begins before the last has ended, so each adds 8 of its
    13 layers: depth d + 8 n + 5, less where wires are prepared early (arXiv:quant-ph/0102001).

    Args:
        size: of one preparation, depth d.
        circuits: pairs of states.
        shots: of each.
    """
    n = size.qubits
    test = CircuitSize(
        2 * n + 1, 2 * size.gates_1q + 2 + 9 * n, 2 * size.gates_2q + 8 * n, size.depth + 8 * n + 5, 1
    )
    return CircuitBill(circuits, shots, test)


@named("interference_test", "gate")
def interference_bill(qubits: Number, circuits: Number = 1, shots: Number = None) -> CircuitBill:
    """Interference test of two real vectors: one amplitude tree on n + 1 qubits, and one H.

    Args:
        qubits: n, for two vectors of 2^n numbers.
        circuits: pairs of vectors.
        shots: of each.
    """
    tree = amplitudes.size(qubits + 1)
    first = CircuitSize(tree.qubits, tree.gates_1q + 1, tree.gates_2q, tree.depth + 1, 1)
    return CircuitBill(circuits, shots, first)


def demand(
    circuit: Circuit | CircuitSize, circuits: int, shots: int | None = None, *, swap: bool = False
) -> Demand:
    """Return the bill of inversion tests, or of swap tests, in whole circuits."""
    test = swap_bill if swap else inversion_bill
    return test(size_of(circuit), circuits, shots).demand("overlap")


def tests_demand(
    kind: str, encoding: Circuit | CircuitSize, pairs: int, shots: int | None = None, copies: int = 1
) -> Demand:
    """Return the bill of an overlap test of every pair, so many tests side by side in one circuit.

    Fewer and wider circuits for the same gates; the last circuit holds what is left (arXiv:2112.08506).

    Args:
        kind: "inversion", "swap" or "interference".
        encoding: the preparation; of interference tests its amplitudes alone count.
        pairs: of states.
        shots: of each circuit.
        copies: tests in one circuit.
    """
    size = size_of(encoding)
    if kind == "interference":
        one = interference_bill(size.qubits).size
    else:
        one = (swap_bill if kind == "swap" else inversion_bill)(size).size
    full, rest = divmod(pairs, copies)
    lines = [CircuitBill(count, shots, one.beside(tests)) for count, tests in ((full, copies), (1, rest))]
    return Demand.sum(line.demand("overlap") for line in lines if line.circuits and line.size.qubits)


def simulation_flops(circuit: Circuit | CircuitSize, circuits: int) -> float:
    """Return the operations of two states and their product, for any of the tests."""
    qubits = circuit.qubits if isinstance(circuit, CircuitSize) else circuit.wires
    product = FLOPS_PER_AMPLITUDE * circuits * np.exp2(qubits)
    return float(state_flops(circuit, 2 * circuits) + product)
