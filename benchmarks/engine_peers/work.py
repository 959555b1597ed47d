"""The work, as plain arrays, so that every simulator gets the same numbers.

Each candidate is a function `(size) -> step`, where `step()` does the work once and returns a flat list of
numbers that the bench compares between candidates before it times them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LAYERS = 4
SHOWN = 40


@dataclass(frozen=True)
class Size:
    """How large a piece of work is.

    Args:
        n: number of qubits.
        batch: samples, for kernels and networks.
        layers: QAOA layers.
        fields: whether the QAOA problem has linear terms; without them its cost is flip-symmetric.
    """

    n: int
    batch: int = 1
    layers: int = 1
    fields: bool = False


def kernel_samples(size: Size) -> np.ndarray:
    """Features in [0, 3), shape (batch, n)."""
    return np.random.default_rng(1).uniform(0, 3, (size.batch, size.n))


def zz_gates(n: int, repetitions: int = 2) -> list[tuple]:
    """The full ZZ map of arXiv:1804.11326 as ("h", i), ("rz", i, i) and ("zz", i, j)."""
    layer: list[tuple] = [("h", i) for i in range(n)] + [("rz", i) for i in range(n)]
    return (layer + [("zz", i, j) for i in range(n) for j in range(i + 1, n)]) * repetitions


def network_data(size: Size) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs (batch, n), weights (LAYERS, n, 3) and targets (batch, n) of the network step.

    The network: RY(x_i) on each wire, then LAYERS times Rot on each wire and a ring of CNOT; Z of each wire;
    loss = mean squared error; gradient to inputs and weights.
    """
    rng = np.random.default_rng(2)
    inputs, weights = rng.uniform(0, 3, (size.batch, size.n)), rng.uniform(0, 6, (LAYERS, size.n, 3))
    return inputs, weights, rng.uniform(-1, 1, (size.batch, size.n))


def ising(size: Size) -> tuple[np.ndarray, list[tuple[int, int]], np.ndarray]:
    """Fields (n,), edges of a 3-regular circulant graph, couplings (edges,)."""
    n, rng = size.n, np.random.default_rng(3)
    ring = [(i, i + 1) for i in range(n - 1)] + [(0, n - 1)]
    edges = ring + [(i, i + n // 2) for i in range(n // 2)]
    fields = rng.normal(size=n) if size.fields else np.zeros(n)
    return fields, edges, np.ones(len(edges)) if not size.fields else rng.normal(size=len(edges))


def qaoa_angles(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Fixed angles (layers,), (layers,)."""
    steps = (np.arange(size.layers) + 0.5) / size.layers
    return 0.3 * steps + 0.1, 0.5 - 0.4 * steps


def z_values(n: int) -> np.ndarray:
    """Z eigenvalue of each wire in each basis state, shape (2**n, n); wire 0 is the most significant."""
    return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)[::-1]) & 1)


def cost_values(size: Size) -> np.ndarray:
    """Energy of every basis state with spins s = Z, shape (2**n,)."""
    fields, edges, couplings = ising(size)
    total = np.zeros(2**size.n)
    strings = np.arange(2**size.n)
    spin = [1.0 - 2.0 * ((strings >> (size.n - 1 - i)) & 1) for i in range(size.n)]
    for i, h in enumerate(fields):
        total += h * spin[i]
    for (i, j), c in zip(edges, couplings, strict=True):
        total += c * spin[i] * spin[j]
    return total


METRIC_LAYERS = 3


def metric_weights(size: Size) -> np.ndarray:
    """Angles of METRIC_LAYERS layers of RY and RZ on each wire, each followed by a ring of CNOT."""
    return np.random.default_rng(4).uniform(0, 6, (METRIC_LAYERS, size.n, 2))


def shown_kernel(matrix: np.ndarray) -> list[float]:
    """A corner of the kernel, for the comparison between candidates."""
    return np.asarray(matrix)[:SHOWN, -SHOWN:].ravel().tolist()


def shown_network(loss: float, d_inputs: np.ndarray, d_weights: np.ndarray) -> list[float]:
    """Loss and gradients, for the comparison between candidates."""
    return [
        float(loss),
        *np.asarray(d_inputs).ravel()[:500].tolist(),
        *np.asarray(d_weights).ravel().tolist(),
    ]
