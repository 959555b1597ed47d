"""Chains of one-qubit gates as elementary factors: their products, and the generator of each angle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from qwatt.quantum.engine.lowering.gate_chains import GateChain
from qwatt.quantum.engine.lowering.primitives import FixedMatrix, Rotation, TensorMatrix

FIXED, RZ, RY = 0, 1, 2
HALF_PAULI = np.array([np.zeros((2, 2)), [[-0.5j, 0], [0, 0.5j]], [[0, -0.5], [0.5, 0]]])
"""-i P / 2 for nothing, Z and Y."""


@dataclass(frozen=True)
class Factors:
    """Chains at given angles.

    Args:
        products: each chain multiplied out, shape (chains, 2, 2).
        after: product of the factors after each one, shape (chains, length, 2, 2).
    """

    products: np.ndarray
    after: np.ndarray


class ChainGroup:
    """Chains padded to one length, so that all are multiplied out together.

    Args:
        chains: gates of each wire, first applied first.
        trainable: numbers of the angles that need generators.
    """

    def __init__(self, chains: Sequence[GateChain], trainable: frozenset[int]) -> None:
        self.chains = chains
        parts = [[part for source in chain for part in _elementary(source)] for chain in chains]
        shape = (len(chains), max(map(len, parts), default=0))
        self.axis, self.number = np.zeros(shape, dtype=int), np.zeros(shape, dtype=int)
        self.scale = np.zeros(shape)
        self.fixed = np.broadcast_to(np.eye(2, dtype=complex), (*shape, 2, 2)).copy()
        self.data: list[tuple[int, int, TensorMatrix]] = []
        for c, line in enumerate(parts):
            for k, (axis, value, scale) in enumerate(line):
                self.axis[c, k], self.scale[c, k] = axis, scale
                if isinstance(value, int):
                    self.number[c, k] = value
                elif isinstance(value, TensorMatrix):
                    self.data.append((c, k, value))
                else:
                    self.fixed[c, k] = value.rows
        moving = [(int(c), int(k)) for c, k in np.argwhere(self.axis != FIXED)]
        self.trained = [(c, k, int(self.number[c, k])) for c, k in moving if self.number[c, k] in trainable]

    def factors(self, scalars: np.ndarray, tensors: Sequence[Tensor]) -> Factors:
        """Multiply the chains out at the given angles."""
        matrices = self._matrices(scalars)
        for c, k, source in self.data:
            matrix = tensors[source.index].numpy(force=True)
            matrices[c, k] = matrix.conj().T if source.adjoint else matrix
        after = np.empty_like(matrices)
        product = np.broadcast_to(np.eye(2, dtype=complex), (len(matrices), 2, 2))
        for k in reversed(range(matrices.shape[1])):
            after[:, k] = product
            product = product @ matrices[:, k]
        return Factors(product, after)

    def generators(self, factors: Factors) -> np.ndarray:
        """Return dU U^-1 of each trained angle of a whole chain U, shape (trained, 2, 2)."""
        chain, place = np.array([(c, k) for c, k, _ in self.trained]).T
        after = factors.after[chain, place]
        own = HALF_PAULI[self.axis[chain, place]] * self.scale[chain, place][:, None, None]
        return np.asarray(after @ own @ after.conj().swapaxes(-1, -2))

    def _matrices(self, scalars: np.ndarray) -> np.ndarray:
        if not len(scalars):
            return self.fixed.copy()
        half = scalars[self.number] * self.scale / 2
        cosine, sine = np.cos(half), np.sin(half)
        matrices = self.fixed.copy()
        z, y = self.axis == RZ, self.axis == RY
        matrices[z, 0, 0], matrices[z, 1, 1] = (cosine - 1j * sine)[z], (cosine + 1j * sine)[z]
        matrices[y, 0, 0] = matrices[y, 1, 1] = cosine[y]
        matrices[y, 0, 1], matrices[y, 1, 0] = -sine[y], sine[y]
        return matrices


Part = tuple[int, int | FixedMatrix | TensorMatrix, float]
"""(axis, angle number or matrix, scale of the angle)."""


def _elementary(source: FixedMatrix | Rotation | TensorMatrix) -> list[Part]:
    """Split a gate into RZ, RY and fixed matrices, first applied first."""
    if not isinstance(source, Rotation):
        return [(FIXED, source, 1.0)]
    parts = ((RZ, source.phi), (RY, source.theta), (RZ, source.omega))
    return [(axis, number, source.scale) for axis, number in parts if number is not None]
