"""Loading a real vector as amplitudes by multiplexed rotations (arXiv:quant-ph/0407010)."""

from __future__ import annotations

import numpy as np

from qwatt.quantum.primitives.bill import LAYERS_PER_ROTATION, LogicalBill
from qwatt.quantum.primitives.named import named
from qwatt.quantum.primitives.size import CircuitSize, Number


@named("amplitude_tree", "size", loads=True)
def size(qubits: Number) -> CircuitSize:
    """The signed multiplexed-RY tree: 2^n - 1 RY and 2^n - 2 CNOT (arXiv:quant-ph/0407010, real amplitudes).

    Level k of the tree takes 2 x 2^k layers, of which the first rotation runs beside the level before it:
    depth 2^(n+1) - 2 - n, and 1 for a single qubit.

    Args:
        qubits: n, for 2^n amplitudes.
    """
    amplitudes = 2**qubits
    depth = np.where(np.equal(qubits, 1), 1, 2 * amplitudes - 2 - qubits)
    return CircuitSize(qubits, amplitudes - 1, amplitudes - 2, depth)


@named("amplitude_tree_logical", "logical", loads=True)
def logical_bill(qubits: Number, loads: Number = 1, angles: Number = 0, runs: Number = 1) -> LogicalBill:
    """The tree with error correction: 2^n - 1 rotations a load, one after another.

    20 logical layers a rotation and 20 qubits for their synthesis, beside the data.

    Args:
        qubits: n.
        loads: trees in one run, 2 for an inversion test.
        angles: further rotations beside the trees.
        runs: how often it runs, shots included.
    """
    rotations = loads * (2**qubits - 1) + angles
    return LogicalBill(qubits + 20, 0, rotations, LAYERS_PER_ROTATION * loads * 2**qubits, runs)


def simulation_flops(qubits: Number, vectors: Number = 1) -> float:
    """Return the operations of loading on the engine: it normalises the vector, about 4 an amplitude."""
    return float(4.0 * vectors * 2.0**qubits)
