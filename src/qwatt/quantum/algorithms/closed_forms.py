"""What fidelity and projected kernels of shallow feature maps measure, computed without a circuit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def amplitude_kernel(x: NDArray[Any], y: NDArray[Any]) -> Values:
    """Return the squared cosines of all pairs: |<x|y>|^2 of amplitude-encoded rows, shape (N, M)."""
    return np.asarray((_unit(x) @ _unit(y).T) ** 2)


def product_kernel(x: NDArray[Any], y: NDArray[Any]) -> Values:
    """Return prod_k cos^2((x_k - y_k) / 2), shape (N, M): one rotation a qubit (arXiv:1803.07128, eq. 8)."""
    found = np.ones((len(x), len(y)))
    for own, other in zip(0.5 * x.T, 0.5 * y.T, strict=True):  # one component after the other
        cosine = np.outer(np.cos(own), np.cos(other)) + np.outer(np.sin(own), np.sin(other))
        found *= cosine**2
    return found


def ring_kernel(x: NDArray[Any], y: NDArray[Any]) -> Values:
    """Return |<x|y>|^2 of the IQP map on a ring of 3 wires or more, in time linear in the wires.

    H undoes H, so <x|y> is the mean over spins s of exp(-i/2 sum_k (a_k s_k + b_k s_k s_(k+1))), where
    a_k = y_k - x_k and b_k = y_k y_(k+1) - x_k x_(k+1): the partition function of an Ising ring at imaginary
    temperature, which is the trace of a product of 2 x 2 transfer matrices (Kramers and Wannier 1941).

    Args:
        x: angles, shape (N, wires).
        y: angles, shape (M, wires).

    Returns:
        The kernel of all pairs, shape (N, M).
    """
    terms = [_turns(angles) for rows in (x, y) for angles in (rows, rows * np.roll(rows, -1, axis=1))]
    up, down = np.eye(2, dtype=np.complex128)[:, :, None, None]  # columns of the product, a row a first spin
    for p, c, q, d in zip(*terms, strict=True):
        u, v = np.outer(0.5 * p, q.conj()), np.outer(c, d.conj())
        same, flipped = up * u, down * u.conj()
        up, down = same * v + flipped * v.conj(), same * v.conj() + flipped * v
    return np.asarray(np.abs(up[0] + down[1]) ** 2)


def ring_kernel_of_pairs(x: NDArray[Any], left: NDArray[np.int64], right: NDArray[np.int64]) -> Values:
    """Return `ring_kernel` of listed pairs alone, shape (pairs,).

    Args:
        x: angles, shape (N, wires), 3 wires or more.
        left: index of the one row of each pair, shape (pairs,).
        right: index of the other, shape (pairs,).
    """
    phases, couplings = (_turns(angles) for angles in (x, x * np.roll(x, -1, axis=1)))
    up, down = np.eye(2, dtype=np.complex128)[:, :, None]
    for phase, coupling in zip(phases, couplings, strict=True):
        u, v = (0.5 * phase[left]) * phase[right].conj(), coupling[left] * coupling[right].conj()
        same, flipped = up * u, down * u.conj()
        up, down = same * v + flipped * v.conj(), same * v.conj() + flipped * v
    return np.asarray(np.abs(up[0] + down[1]) ** 2)


def ring_bloch(x: NDArray[Any], entangled: bool = True) -> Values:
    """Return X and Y of every qubit of the IQP map on a ring, shape (N, 2 wires); Z of each is 0.

    A phase x_k turns qubit k about Z, and a coupling of angle b to a neighbour, which is |+>, shortens its
    vector by cos(b): X_k + i Y_k = exp(i x_k) cos(x_k x_(k-1)) cos(x_k x_(k+1)).

    Args:
        x: angles, shape (N, wires), 3 wires or more.
        entangled: whether there are couplings.
    """
    length = np.ones_like(x)
    if entangled:
        bonds = np.cos(x * np.roll(x, -1, axis=1))
        length = bonds * np.roll(bonds, 1, axis=1)
    return np.concatenate([length * np.cos(x), length * np.sin(x)], axis=1)


def _turns(angles: NDArray[Any]) -> NDArray[np.complex128]:
    """Return exp(i angle / 2), shape (wires, rows)."""
    return np.asarray(np.exp(0.5j * angles.T))


def _unit(rows: NDArray[Any]) -> Values:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0), dtype=np.float64)
