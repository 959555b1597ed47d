"""QUBOs with a fixed number of ones in each of several parts: as a penalty, brought back, a window of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qwatt.quantum.qubo.arrays import bqm_from_arrays

if TYPE_CHECKING:
    import dimod

Bits = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class BudgetedQubo:
    """Minimise sum_i linear_i x_i + sum_{i<j} quadratic_ij x_i x_j where each part has so many ones.

    Args:
        linear: shape (n,).
        quadratic: upper triangle, shape (n, n).
        part: number of the part that each variable is in, shape (n,).
        ones: of each part, shape (parts,).
    """

    linear: NDArray[np.float64]
    quadratic: NDArray[np.float64]
    part: NDArray[np.int64]
    ones: NDArray[np.int64]

    @classmethod
    def single(cls, linear: NDArray[np.float64], quadratic: NDArray[np.float64], ones: int) -> BudgetedQubo:
        """Return one with a single part."""
        return cls(linear, quadratic, np.zeros(len(linear), dtype=np.int64), np.array([ones]))

    def __len__(self) -> int:
        return len(self.linear)

    @cached_property
    def couplings(self) -> NDArray[np.float64]:
        """Symmetric, with an empty diagonal."""
        return self.quadratic + self.quadratic.T

    @cached_property
    def bqm(self) -> dimod.BinaryQuadraticModel:
        """The model without the budgets."""
        return bqm_from_arrays(self.linear, self.quadratic)

    def energies(self, bits: ArrayLike) -> NDArray[np.float64]:
        """Return the energies of rows of bits, shape (..., n)."""
        x = np.asarray(bits, dtype=np.float64)
        found: NDArray[np.float64] = x @ self.linear + ((x @ self.quadratic) * x).sum(axis=-1)
        return found

    def random(self, count: int, rng: np.random.Generator) -> Bits:
        """Return random rows with the right numbers of ones, shape (count, n)."""
        keys, found = rng.random((count, len(self))), np.zeros((count, len(self)), dtype=np.int8)
        for number, ones in enumerate(self.ones):
            members = np.flatnonzero(self.part == number)
            first = members[np.argsort(keys[:, members], axis=1)[:, :ones]]
            np.put_along_axis(found, first, 1, axis=1)
        return found

    @property
    def sure_strength(self) -> float:
        """The most that a single bit can change the energy by: with it all minima keep the budgets."""
        return float((np.abs(self.linear) + np.abs(self.couplings).sum(axis=0)).max())

    def penalised(self, strength: float) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Return linear, quadratic and offset with strength x (ones of a part - its budget)^2 added."""
        wanted = self.ones[self.part]
        alike = np.triu(self.part[:, None] == self.part, 1)
        offset = strength * float((self.ones.astype(np.float64) ** 2).sum())
        return self.linear + strength * (1 - 2 * wanted), self.quadratic + 2.0 * strength * alike, offset

    def is_within(self, bits: ArrayLike) -> NDArray[np.bool_]:
        """Return whether rows of bits keep all budgets."""
        x = np.asarray(bits)
        counts = np.stack([x[..., self.part == p].sum(axis=-1) for p in range(len(self.ones))], axis=-1)
        return np.asarray((counts == self.ones).all(axis=-1))

    def brought_back(self, bits: Bits) -> Bits:
        """Return bits that keep the budgets: the flips that cost least, one after the other."""
        x = bits.astype(np.int8)
        for number, ones in enumerate(self.ones):
            inside = self.part == number
            while (count := int(x[inside].sum())) != ones:
                field = self.linear + self.couplings @ x
                change = np.where(x == 1, -field, field)
                change[~inside | (x == (1 if count < ones else 0))] = np.inf
                x[int(np.argmin(change))] ^= 1
        return x

    def window(self, bits: Bits, inside: NDArray[np.int64]) -> BudgetedQubo:
        """Return the problem over some variables while the others stay, less a constant.

        Args:
            bits: keep the budgets; outside the window they stay.
            inside: variables of the window, shape (w,).
        """
        rest = bits.copy()
        rest[inside] = 0
        linear = self.linear[inside] + self.couplings[inside] @ rest
        parts, own = np.unique(self.part[inside], return_inverse=True)
        ones = np.array([bits[inside][own == p].sum() for p in range(len(parts))], dtype=np.int64)
        return BudgetedQubo(linear, np.triu(self.couplings[np.ix_(inside, inside)], 1), own, ones)
