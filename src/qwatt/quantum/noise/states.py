"""Batched state vectors through layers of one-qubit gates and CZ, four wires to one matrix product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from qwatt.quantum.noise.native import Matrix

GROUP = 4
"""Wires whose one-qubit gates are joined into one 16 x 16 product."""


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
        for start in range(0, wires, GROUP):
            group = range(start, min(start + GROUP, wires))
            if any(wire in by_wire for wire in group):
                block = torch.as_tensor(_product([by_wire.get(w) for w in group]), dtype=torch.complex64)
                state = _apply(block, state, start, wires).reshape(batch, -1)
        if couples:
            state = state * _signs(wires, couples)
    return state


def _apply(block: torch.Tensor, state: torch.Tensor, start: int, wires: int) -> torch.Tensor:
    """Multiply the wires from `start` on by a block, (d, d) or (batch, d, d)."""
    size = block.shape[-1]
    if 2**start * size == 2**wires:
        return torch.matmul(state.reshape(len(state), -1, size), block.mT)
    cube = state.reshape(len(state), 2**start, size, -1)
    return torch.matmul(block[:, None] if block.ndim == 3 else block, cube)


def _product(gates: Sequence[Matrix | None]) -> Matrix:
    """Return the Kronecker product of one-qubit gates, (d, d) or (batch, d, d)."""
    found = np.ones((1, 1), dtype=np.complex128)
    for gate in gates:
        other = np.eye(2, dtype=np.complex128) if gate is None else gate
        joined = np.einsum("...ij,...kl->...ikjl", found, other)
        found = joined.reshape(*joined.shape[:-4], 2 * found.shape[-1], 2 * found.shape[-1])
    return found


def _signs(wires: int, pairs: Sequence[tuple[int, int]]) -> torch.Tensor:
    """Return the diagonal of a layer of CZ, shape (2**wires,)."""
    signs = torch.ones([2] * wires)
    for first, second in pairs:
        both: list[int | slice] = [slice(None)] * wires
        both[first] = both[second] = 1
        signs[tuple(both)] *= -1.0
    return signs.reshape(-1)
