"""QAOA with the transverse-field mixer in a frame where the mixer is real.

With D = diag((-i)^ones(z)) the mixer is exp(-i beta X) = D R(beta) D^+ on each wire, R a real rotation, and D
commutes with every cost phase. So the state is kept as D^+ psi in two real planes and the mixer is a real
Kronecker product of 16x16 blocks: half the arithmetic of the complex one. A cost that is exactly symmetric
under flipping all bits keeps psi symmetric too; then only the strings whose first bit is 0 are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from qwatt.quantum.engine.walsh import block_sizes, kron_apply, popcount

MIN_SYMMETRIC_WIRES = 3


class TransverseField:
    """The mixer exp(-i beta sum X) on planes of shape (2, 2**wires), real and imaginary part of D^+ psi.

    Args:
        n: number of qubits.
        symmetric: planes hold only the strings with first bit 0.
        dtype: real dtype of the planes.
        device: where they are.
    """

    def __init__(self, n: int, symmetric: bool, dtype: torch.dtype, device: torch.device) -> None:
        self.n, self.symmetric, self.dtype, self.device = n, symmetric, dtype, device
        self.wires = n - symmetric
        self.sizes = block_sizes(self.wires)

    def apply(self, planes: Tensor, beta: float, spare: Tensor) -> tuple[Tensor, Tensor]:
        """Rotate the planes by beta; returns (result, scratch), the two given buffers in some order."""
        blocks = {size: self._rotation(size, beta) for size in set(self.sizes)}
        result = kron_apply(planes, [blocks[size] for size in self.sizes], spare)
        scratch = spare if result.data_ptr() == planes.data_ptr() else planes
        if self.symmetric:
            partner = self._first_bit_partner(result)
            torch.mul(result, float(np.cos(beta)), out=scratch)
            scratch.add_(partner, alpha=-float(np.sin(beta)))
            result, scratch = scratch, result
        return result, scratch

    def generator_overlap(self, left: Tensor, right: Tensor) -> float:
        """Return Re <left| -i sum X |right> by a small cross-density matrix of each block."""
        total = left.new_zeros(())
        after = left.shape[-1]
        for size in self.sizes:
            k = 1 << size
            after //= k
            a, b = left.view(-1, k, after), right.view(-1, k, after)
            density = a[..., 0].t() @ b[..., 0] if after == 1 else torch.bmm(a, b.transpose(1, 2)).sum(0)
            total += torch.dot(_generator(size, self.dtype, self.device).view(-1), density.reshape(-1))
        if self.symmetric:
            total -= torch.dot(left.view(-1), self._first_bit_partner(right).view(-1))
        return float(total)

    def _rotation(self, size: int, beta: float) -> Tensor:
        """R(beta) on a block of wires, shape (2**size, 2**size)."""
        distance, sign = _flips(size)
        powers = np.cos(beta) ** (size - np.arange(size + 1)) * np.sin(beta) ** np.arange(size + 1)
        return torch.from_numpy(powers[distance] * sign).to(dtype=self.dtype, device=self.device)

    def _first_bit_partner(self, planes: Tensor) -> Tensor:
        """Amplitudes of D^+ psi at first bit 1, in the order of their partners with first bit 0."""
        dims = (0, 1) if self.n % 2 else (1,)
        return planes.flip(dims).mul_(_partner_sign(self.n, self.dtype, self.device))


@cache
def _flips(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Hamming distance and sign of each entry of a block rotation: one minus for each 1 -> 0."""
    z = np.arange(1 << size)
    ones = popcount(size, torch.device("cpu")).numpy()
    return ones[z[:, None] ^ z], (-1.0) ** ones[~z[:, None] & z]


@cache
def _generator(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Derivative of the block rotation at beta = 0."""
    distance, sign = _flips(size)
    return torch.from_numpy((distance == 1) * sign).to(dtype=dtype, device=device)


@cache
def _partner_sign(n: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Signs of (-i)^(n-2) (-1)^ones(z), shape (2, 2**(n-1)); for odd n the planes are swapped first."""
    sign = (1 - 2 * (popcount(n - 1, device) % 2)).to(dtype)
    half_turns = ((n - 2) // 2) % 2
    sign = -sign if half_turns else sign
    return torch.stack([sign, -sign if n % 2 else sign])


@cache
def frame_angle(wires: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Phase of D^+ at every string, shape (2**wires,): a quarter turn for each one."""
    return (popcount(wires, device) % 4).to(dtype) * (torch.pi / 2)


def is_flip_symmetric(values: Sequence[Tensor]) -> bool:
    """Return whether every vector is bitwise equal under flipping all bits."""
    half = values[0].shape[-1] // 2
    return all(torch.equal(v[:half], v[half:].flip(0)) for v in values)
