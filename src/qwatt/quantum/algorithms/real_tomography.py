"""Reading real amplitudes with their signs, from n + 1 bases of n qubits.

The computational basis gives magnitudes. H on one wire before reading gives, from the difference of two
frequencies, 2 x_i x_j of every two amplitudes whose indices differ in that bit; the signs follow along the
tree of the largest such products. It takes no controlled circuits, as the tomography of arXiv:1808.09266
does; the sign of a small amplitude needs shots of the order of 1 / x_i^2.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.demand import Demand
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.circuits.approximate import turned_brickwork
from qwatt.quantum.primitives import expectation


def basis_angles(indices: Any, wires: int) -> NDArray[np.float64]:
    """Return the angles of RY that make basis states, shape (states, wires); wire 0 is the highest bit.

    >>> basis_angles([2], 2) / np.pi
    array([[1., 0.]])
    """
    bits = (np.asarray(indices)[:, None] >> np.arange(wires)[::-1]) & 1
    return np.pi * bits.astype(np.float64)


def read_real(
    backend: QuantumBackend,
    inputs: NDArray[np.float64],
    angles: NDArray[np.float64],
    shots: int | None,
    rng: np.random.Generator,
    *,
    entangle: bool = True,
    inverse: bool = False,
) -> NDArray[np.float64]:
    """Read what a brickwork makes of product states, each up to one sign: shape (states, 2**wires).

    Args:
        backend: what is read.
        inputs: angles of the product states, shape (states, wires).
        angles: of the brickwork, shape (layers + 1, wires).
        shots: of each of the wires + 1 circuits of a state; None reads exactly.
        rng: generator of the shots.
        entangle: whether the brickwork has its CZs.
        inverse: read its inverse.
    """
    wires, layers = inputs.shape[1], len(angles) - 1

    def frequencies(read: int | None) -> NDArray[np.float64]:
        circuit = turned_brickwork(wires, layers, entangle, inverse, read)
        return np.asarray(backend.probs(circuit, inputs, angles, shots, rng), dtype=np.float64)

    lengths = np.sqrt(frequencies(None))
    products = [_products(frequencies(wire), wire) for wire in range(wires)]
    signs = _signs(np.concatenate(products, axis=1), wires)
    found: NDArray[np.float64] = signs * lengths / np.linalg.norm(lengths, axis=1, keepdims=True)
    return found


def tomography_demand(
    wires: int,
    layers: int,
    states: int,
    shots: int | None,
    *,
    entangle: bool = True,
    inverse: bool = False,
) -> Demand:
    """Return the bill of `read_real`: wires + 1 circuits a state."""
    circuits = (turned_brickwork(wires, layers, entangle, inverse, read) for read in (None, *range(wires)))
    return Demand.sum(expectation.demand(circuit, states, shots, "probs") for circuit in circuits)


def _products(frequencies: NDArray[np.float64], wire: int) -> NDArray[np.float64]:
    """Return 2 x_i x_j of all pairs that differ in a wire's bit, shape (states, 2**(wires - 1))."""
    split = frequencies.reshape(len(frequencies), 2**wire, 2, -1)
    difference: NDArray[np.float64] = split[:, :, 0] - split[:, :, 1]
    return difference.reshape(len(frequencies), -1)


def _signs(products: NDArray[np.float64], wires: int) -> NDArray[np.float64]:
    """Return the signs of all amplitudes, along each state's tree of the largest products; the first are +.

    Prim's algorithm for all states at once: the largest product between a known and an unknown amplitude.

    Args:
        products: of all pairs, wire by wire, shape (states, wires 2**(wires - 1)).
        wires: number of qubits.
    """
    size, rows = 2**wires, np.arange(len(products))
    index = np.arange(size)
    pairs = [index.reshape(2**wire, 2, -1)[:, 0].ravel() for wire in range(wires)]
    first = np.concatenate(pairs)
    second = np.concatenate([some + (size >> wire + 1) for wire, some in enumerate(pairs)])
    signs, known = np.ones((len(products), size)), np.zeros((len(products), size), dtype=bool)
    known[:, 0] = True
    for _ in range(size - 1):
        begun = known[:, first]
        edge = np.where(begun ^ known[:, second], np.abs(products), -1.0).argmax(axis=1)
        forward = begun[rows, edge]
        old = np.where(forward, first[edge], second[edge])
        new = np.where(forward, second[edge], first[edge])
        signs[rows, new] = signs[rows, old] * np.where(products[rows, edge] >= 0, 1.0, -1.0)
        known[rows, new] = True
    return signs


def read_orthogonal(
    backend: QuantumBackend,
    angles: NDArray[np.float64],
    shots: int | None,
    rng: np.random.Generator,
    like: NDArray[np.float64],
    *,
    entangle: bool = True,
) -> NDArray[np.float64]:
    """Read a brickwork's whole matrix, shape (2**wires, 2**wires), and return the nearest orthogonal one.

    Columns are read by `read_real`. Their signs beside each other follow from the sums of every column and
    the one whose index lacks its last bit that is 1; no frequency tells the sign of the whole.

    Args:
        backend: what is read.
        angles: of the brickwork, shape (layers + 1, wires).
        shots: of each circuit; None reads exactly.
        rng: generator of the shots.
        like: a matrix that the sign of the whole is to agree with, shape (2**wires, 2**wires).
        entangle: whether the brickwork has its CZs.
    """
    wires = angles.shape[1]
    inputs = np.concatenate([basis_angles(range(2**wires), wires), _sum_angles(wires)])
    read = read_real(backend, inputs, angles, shots, rng, entangle=entangle)
    columns, sums = read[: 2**wires], read[2**wires :]
    for index in range(1, 2**wires):
        parent, own, both = columns[index & (index - 1)], columns[index], sums[index - 1]
        columns[index] = own if abs(both @ (parent + own)) >= abs(both @ (parent - own)) else -own
    left, _, right = np.linalg.svd(columns.T)
    found: NDArray[np.float64] = left @ right
    return -found if (found * like).sum() < 0 else found


def orthogonal_demand(wires: int, layers: int, shots: int | None, entangle: bool = True) -> Demand:
    """Return the bill of `read_orthogonal`: wires + 1 circuits a column, and a sum of two columns."""
    return tomography_demand(wires, layers, 2 ** (wires + 1) - 1, shots, entangle=entangle)


def _sum_angles(wires: int) -> NDArray[np.float64]:
    """Return the angles that make (|i> + |i without its last 1>) / sqrt 2 for all i but 0."""
    index = np.arange(1, 2**wires)
    last = basis_angles(index & -index, wires)
    found: NDArray[np.float64] = basis_angles(index & (index - 1), wires) + last / 2
    return found
