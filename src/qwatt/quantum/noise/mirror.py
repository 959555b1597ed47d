"""The return-probability benchmark "QML Kernel" of metriq-gym: a ZZ feature map, then its inverse.

Without errors every shot reads all zeros. The map is that of arXiv:2405.09724: Hadamards, RZ(x_i), and
exp(-i phi ZZ/2) with phi = (pi - x_i)(pi - x_j) on neighbours of a chain, even pairs first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from qwatt.quantum.circuit import Circuit


def mirrored_kernel(wires: int, seed: int = 0) -> Circuit:
    """Return the benchmark's circuit with its angles fixed, uniform in [0, 2 pi).

    Args:
        wires: number of qubits.
        seed: seed of numpy's legacy generator, which the benchmark uses.
    """
    angles = 2.0 * np.pi * np.random.RandomState(seed).random_sample(wires)

    def mirrored(inputs: Any, weights: Any) -> None:
        import pennylane as qml

        _chain_map(angles)
        qml.Barrier(range(wires))
        qml.adjoint(_chain_map)(angles)

    return Circuit(mirrored, wires, name="mirrored_kernel")


def _chain_map(angles: Any) -> None:
    import pennylane as qml

    wires = len(angles)
    for wire in range(wires):
        qml.Hadamard(wire)
        qml.RZ(angles[wire], wire)
    for first in (*range(0, wires - 1, 2), *range(1, wires - 1, 2)):
        second = first + 1
        qml.CNOT([first, second])
        qml.RZ((np.pi - angles[first]) * (np.pi - angles[second]), second)
        qml.CNOT([first, second])
