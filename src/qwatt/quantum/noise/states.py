"""Batches of vectors over wires of dimension 2 (states) or 4 (Pauli strings), several wires a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qwatt.quantum.noise.native import Matrix

_TOGETHER = {2: 4, 4: 2}
"""Wires of one dimension whose matrices are joined into one 16 x 16 block."""


def run_layers(
    wires: int,
    batch: int,
    gates: Sequence[Mapping[int, Matrix]],
    pairs: Sequence[Sequence[tuple[int, int]]],
) -> torch.Tensor:
    """Return the final states, complex64, shape (batch, 2**wires); wire 0 is the most significant bit.

    Args:
        wires: number of qubits.
        batch: number of states.
        gates: one-qubit gates by wire of every layer, shape (2, 2) or (batch, 2, 2).
        pairs: pairs of wires that every layer's CZ act on, after its gates.
    """
    state = torch.zeros(batch, 2**wires, dtype=torch.complex64)
    state[:, 0] = 1.0
    for by_wire, couples in zip(gates, pairs, strict=True):
        state = on_wires(state, by_wire, wires)
        if couples:
            state = state * _signs(wires, couples)
    return state


def on_wires(state: torch.Tensor, matrices: Mapping[int, NDArray[Any]], wires: int) -> torch.Tensor:
    """Apply one matrix to each given wire.

    Args:
        state: shape (batch, d**wires).
        matrices: by wire, shape (d, d) or (batch, d, d).
        wires: number of wires.
    """
    if not matrices:
        return state
    batch, d = len(state), next(iter(matrices.values())).shape[-1]
    size = _TOGETHER[d]
    for start in range(0, wires, size):
        group = range(start, min(start + size, wires))
        if any(wire in matrices for wire in group):
            joined = _product([matrices.get(wire, np.eye(d)) for wire in group])
            block = torch.as_tensor(joined).to(state.dtype)
            if group.stop == wires:
                state = torch.matmul(state.reshape(batch, -1, block.shape[-1]), block.mT)
            else:
                cube = state.reshape(batch, d**start, block.shape[-1], -1)
                state = torch.matmul(block[:, None] if block.ndim == 3 else block, cube)
    return state.reshape(batch, -1)


def _product(matrices: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the Kronecker product, (D, D) or (batch, D, D)."""
    found = matrices[0]
    for other in matrices[1:]:
        joined = np.einsum("...ij,...kl->...ikjl", found, other)
        side = found.shape[-1] * other.shape[-1]
        found = joined.reshape(*joined.shape[:-4], side, side)
    return found


def _signs(wires: int, pairs: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Return the diagonal of a layer of CZ, shape (2**wires,)."""
    signs = torch.ones([2] * wires)
    for first, second in pairs:
        both: list[int | slice] = [slice(None)] * wires
        both[first] = both[second] = 1
        signs[tuple(both)] *= -1.0
    return signs.reshape(-1)
