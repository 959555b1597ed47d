"""Purity of a matrix' singular spectrum, measured on one copy of the matrix as a state.

W as amplitudes of a row and a column register leaves either register in a state whose eigenvalues are the
squared singular values over their sum. Its purity, the sum of their squares, is 2 to the power of minus the
Renyi-2 entropy; its inverse is the number of singular values that count. It is read by random bases on every
qubit of one register (arXiv:1801.00999, arXiv:1806.05747), without a second copy and without any vector.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray

from qwatt.core.demand import Demand
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.primitives import expectation

Matrix = NDArray[np.float64]


def spectral_purity(matrix: Matrix) -> float:
    """Return the purity exactly, from the matrix' products with itself.

    >>> spectral_purity(np.eye(4))
    0.25
    """
    gram = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    return float(np.square(gram).sum() / np.trace(gram) ** 2)


@cache
def purity_circuit(row_wires: int, column_wires: int) -> Circuit:
    """Load a matrix, and turn every qubit of the smaller register by a rotation.

    Returns:
        Circuit with n_inputs = 2**(row_wires + column_wires), weights (smaller register's wires, 3).
    """
    wires = row_wires + column_wires
    turned = _register(row_wires, column_wires)

    def function(inputs: Any, weights: Any) -> None:
        qml.AmplitudeEmbedding(inputs, wires=range(wires), normalize=True)
        for number, wire in enumerate(turned):
            qml.Rot(weights[number, 0], weights[number, 1], weights[number, 2], wires=wire)

    return Circuit(function, wires, 2**wires, (len(turned), 3), name="spectral_purity")


def measured_purities(
    backend: QuantumBackend,
    matrices: NDArray[np.float64],
    settings: int,
    shots: int | None,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return estimates of the purities of matrices of one shape from random bases, shape (matrices,).

    The estimate of a basis is free of bias by shots; what the mean is off comes from the bases and the shots.

    Args:
        backend: what is measured.
        matrices: shape (matrices, rows, columns).
        settings: random bases, the same for all matrices.
        shots: of each circuit, two or more; None computes each basis' distribution exactly.
        rng: draws bases and shots.
    """
    row_wires, column_wires = _wires(matrices.shape[1]), _wires(matrices.shape[2])
    circuit = purity_circuit(row_wires, column_wires)
    padded = np.zeros((len(matrices), 2**row_wires, 2**column_wires))
    padded[:, : matrices.shape[1], : matrices.shape[2]] = matrices
    loaded = padded.reshape(len(matrices), -1)
    loaded /= np.linalg.norm(loaded, axis=1, keepdims=True)
    found = []
    for _ in range(settings):
        angles = random_rotations(circuit.weight_shape[0], rng)
        frequencies = np.asarray(backend.probs(circuit, loaded, angles, shots, rng), dtype=np.float64)
        split = frequencies.reshape(len(matrices), 2**row_wires, 2**column_wires)
        found.append(_estimates(split.sum(axis=2 if row_wires <= column_wires else 1), shots))
    return np.asarray(np.mean(found, axis=0))


def circuit_of(rows: int, columns: int) -> Circuit:
    """Return the circuit of a matrix' shape, which is padded to powers of two."""
    return purity_circuit(_wires(rows), _wires(columns))


def purity_demand(rows: int, columns: int, matrices: int, settings: int, shots: int | None) -> Demand:
    """Return the bill of `measured_purities`: a circuit a matrix and basis."""
    return expectation.demand(circuit_of(rows, columns), matrices, shots, "probs").times(settings)


def random_rotations(qubits: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the angles of rotations drawn evenly from all of them, shape (qubits, 3)."""
    first, last = rng.uniform(0.0, 2 * np.pi, (2, qubits))
    return np.stack([first, np.arccos(rng.uniform(-1.0, 1.0, qubits)), last], axis=1)


def _estimates(frequencies: NDArray[np.float64], shots: int | None) -> NDArray[np.float64]:
    """Return 2^n sum (-2)^-distance f f', without the pairs of a shot with itself."""
    states = frequencies.shape[1]
    index = np.arange(states)
    weights = (-0.5) ** np.bitwise_count(index[:, None] ^ index)
    both = np.einsum("mi,ij,mj->m", frequencies, weights, frequencies)
    if shots is not None:
        both = (shots * both - 1.0) / (shots - 1.0)
    return np.asarray(states * both)


def _register(row_wires: int, column_wires: int) -> range:
    """Return the wires of the smaller register."""
    return range(row_wires) if row_wires <= column_wires else range(row_wires, row_wires + column_wires)


def _wires(side: int) -> int:
    return max(1, (side - 1).bit_length())
