"""The Walsh-Hadamard transform of 2**n vectors, by products of 16x16 blocks."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.engine.arrays.kronecker import block_sizes, kron_apply


def walsh_hadamard(x: Tensor, spare: Tensor | None = None, *, normalised: bool = True) -> Tensor:
    """Apply a Hadamard gate to every wire; differentiable when `spare` is None.

    Args:
        x: contiguous, shape (..., 2**n), real or complex. With `spare` it is overwritten.
        spare: scratch of x's shape.
        normalised: orthogonal transform; False gives the +-1 transform.

    Returns:
        The transform, shape of x; with `spare`, one of the two buffers.

    Raises:
        QwattError: the last axis is no power of two.
    """
    length = x.shape[-1]
    if length & (length - 1) or not length:
        raise QwattError(f"the Walsh-Hadamard transform needs a length 2**n, not {length}")
    sizes = block_sizes(length.bit_length() - 1)
    blocks = [hadamard_block(size, normalised, x.dtype, x.device) for size in sizes]
    return kron_apply(x, blocks, spare)


@cache
def hadamard_block(wires: int, normalised: bool, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the Hadamard matrix of a few wires, shape (2**wires, 2**wires)."""
    matrix = torch.ones(1, 1, dtype=torch.float64)
    one = torch.tensor([[1.0, 1.0], [1.0, -1.0]], dtype=torch.float64)
    for _ in range(wires):
        matrix = torch.kron(matrix, one / 2**0.5 if normalised else one)
    return matrix.to(dtype=dtype, device=device)


@cache
def popcount(wires: int, device: torch.device) -> Tensor:
    """Return the number of ones in each of 0..2**wires-1, shape (2**wires,), int64."""
    count = torch.zeros(1, dtype=torch.int64, device=device)
    for _ in range(wires):
        count = torch.cat([count, count + 1])
    return count
