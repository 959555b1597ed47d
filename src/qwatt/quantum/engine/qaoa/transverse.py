"""QAOA's transverse-field mixer in a frame where it is real.

With D = diag((-i)^ones(z)) the mixer is exp(-i beta X) = D R(beta) D^+ on each wire, R a real rotation, and D
commutes with every cost phase. So the state is kept as D^+ psi in two real planes and the mixer is a real
Kronecker product of 16x16 blocks: half the arithmetic of the complex one. A cost that is exactly symmetric
under flipping all bits keeps psi symmetric too; then only the strings whose first bit is 0 are stored.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import torch

from qwatt.quantum.engine.arrays.kronecker import block_density, block_product, block_sizes
from qwatt.quantum.engine.arrays.walsh import popcount
from qwatt.quantum.engine.qaoa.planes import Array, planes_for

CPU = torch.device("cpu")


class TransverseField:
    """The mixer exp(-i beta sum X) on planes of D^+ psi, shape (2, 2**wires).

    Args:
        n: number of qubits.
        symmetric: planes hold only the strings with first bit 0.
        dtype: real dtype of the planes.
        device: where they are.
    """

    def __init__(self, n: int, symmetric: bool, dtype: torch.dtype, device: torch.device) -> None:
        self.n, self.symmetric, self.wires = n, symmetric, n - symmetric
        self.on = planes_for(self.wires, dtype, device)
        self.sizes = block_sizes(self.wires)
        self.frame_angle = self.on.constant(frame_angle(self.wires))
        self._generators = {size: self.on.constant(_generator(size)) for size in set(self.sizes)}
        self._last: tuple[float | None, dict[int, Array]] = (None, {})
        self._signs = self.on.constant(_partner_signs(n)) if symmetric else None

    def apply(self, planes: Array, beta: float, spare: Array, inverse: bool = False) -> tuple[Array, Array]:
        """Rotate the planes by beta, or back; returns (result, scratch), the given buffers in some order."""
        blocks, sine = self._rotations(beta), math.sin(beta)
        if inverse:
            blocks, sine = {size: block.T for size, block in blocks.items()}, -sine
        right = 1 << self.wires
        for size in self.sizes:
            right >>= size
            planes, spare = block_product(planes, blocks[size], right, spare), planes
        if self.symmetric:
            partner = self.on.partner(planes, self._signs, self.n % 2 == 1)
            partner *= -sine
            spare = self.on.multiply(planes, math.cos(beta), spare)
            spare += partner
            planes, spare = spare, planes
        return planes, spare

    def _rotations(self, beta: float) -> dict[int, Array]:
        """Block rotations by size; the last angle's are kept, since a run comes back to it."""
        if self._last[0] != beta:
            blocks = {size: self.on.constant(_rotation(size, beta)) for size in self._generators}
            self._last = (beta, blocks)
        return self._last[1]

    def generator_overlap(self, left: Array, right: Array) -> float:
        """Return Re <left| -i sum X |right> from a small cross-density matrix of each block."""
        total, behind = 0.0, 1 << self.wires
        for size in self.sizes:
            behind >>= size
            density = block_density(left, right, 1 << size, behind)
            total += self.on.dot(self._generators[size], density)
        if self.symmetric:
            total -= self.on.dot(left, self.on.partner(right, self._signs, self.n % 2 == 1))
        return total


def _rotation(size: int, beta: float) -> np.ndarray:
    """R(beta) on a block of wires, shape (2**size, 2**size): sin for each flip, minus for each 0 <- 1."""
    cosine, sine = math.cos(beta), math.sin(beta)
    powers = np.array([cosine ** (size - flips) * sine**flips for flips in range(size + 1)])
    distance, sign = _flips(size)
    return np.asarray(powers[distance] * sign)


@cache
def _flips(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Hamming distance and sign of each entry of a block rotation."""
    z, ones = np.arange(1 << size), popcount(size, CPU).numpy()
    return ones[z[:, None] ^ z], (-1.0) ** ones[~z[:, None] & z]


@cache
def _generator(size: int) -> np.ndarray:
    """Derivative of the block rotation at beta = 0."""
    distance, sign = _flips(size)
    return np.asarray((distance == 1) * sign)


def _partner_signs(n: int) -> np.ndarray:
    """(-i)^(n-2) (-1)^ones(z) as signs (2, 2**(n-1)); for odd n the planes are swapped besides.

    It makes the amplitudes of D^+ psi at first bit 1 from those of the flipped strings.
    """
    sign = 1.0 - 2.0 * (popcount(n - 1, CPU).numpy() % 2)
    sign = -sign if ((n - 2) // 2) % 2 else sign
    return np.stack([sign, -sign if n % 2 else sign])


def frame_angle(wires: int) -> np.ndarray:
    """PhaseGate of D^+ at every string, shape (2**wires,): a quarter turn for each one."""
    return (popcount(wires, CPU).numpy() % 4) * (math.pi / 2)
