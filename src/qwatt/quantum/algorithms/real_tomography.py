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
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

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
    products = [_products(frequencies(wire), wires, wire) for wire in range(wires)]
    signs = np.stack([_signs([one[i] for one in products], wires) for i in range(len(inputs))])
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


def _products(frequencies: NDArray[np.float64], wires: int, wire: int) -> NDArray[np.float64]:
    """Return 2 x_i x_j of all pairs that differ in a wire's bit, shape (states, 2**(wires - 1))."""
    split = frequencies.reshape(len(frequencies), 2**wire, 2, -1)
    difference: NDArray[np.float64] = split[:, :, 0] - split[:, :, 1]
    return difference.reshape(len(frequencies), -1)


def _signs(products: list[NDArray[np.float64]], wires: int) -> NDArray[np.float64]:
    """Return the signs of all amplitudes, along the tree of the largest products; the first one is +."""
    size = 2**wires
    index = np.arange(size)
    pairs = [index.reshape(2**wire, 2, -1)[:, 0].ravel() for wire in range(wires)]
    first = np.concatenate(pairs)
    second = np.concatenate([some + (size >> wire + 1) for wire, some in enumerate(pairs)])
    known = np.concatenate(products)
    cost = 2.0 - np.abs(known)  # positive, and least for the largest product: a tree spans all of them
    tree = minimum_spanning_tree(coo_matrix((cost, (first, second)), shape=(size, size)))
    order, parents = breadth_first_order(tree, 0, directed=False)
    agree = {(int(a), int(b)): value >= 0 for a, b, value in zip(first, second, known, strict=True)}
    signs = np.ones(size)
    for child in order[1:]:
        parent = int(parents[child])
        same = agree[min(parent, int(child)), max(parent, int(child))]
        signs[child] = signs[parent] if same else -signs[parent]
    return signs
