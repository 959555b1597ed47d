"""A fixed number of ones as a penalty, and samples that miss it brought back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.windows import Solve

if TYPE_CHECKING:
    from qwatt.quantum import qubo
else:
    qubo = lazy("qwatt.quantum.qubo")


def penalised_solve(sampler: qubo.QuboSampler, reads: int, rng: np.random.Generator) -> Solve:
    """Return what samples a window with the penalty and brings the reads back to the budget.

    One-swap search ends what the best read began: single flips, of which samplers are made, hardly cross
    the penalty.

    Args:
        sampler: an unconstrained one.
        reads: of a window.
        rng: draws the sampler's seeds.
    """

    def solve(linear: NDArray[np.float64], quadratic: NDArray[np.float64], ones: int) -> Bits:
        bqm = qubo.bqm_from_arrays(*penalised(linear, quadratic, ones))
        found = sampler.sample(bqm, reads, int(rng.integers(2**31)))
        order = np.argsort(np.array(list(found.variables), dtype=np.int64))
        back = [brought_back(bits[order], linear, quadratic, ones) for bits in found.record.sample]
        best = min(back, key=lambda bits: energy(bits, linear, quadratic))
        return qubo.one_swap_search(qubo.bqm_from_arrays(linear, quadratic), best)

    return solve


def penalised(
    linear: NDArray[np.float64], quadratic: NDArray[np.float64], ones: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return linear, quadratic and offset with A (sum x - ones)^2 added.

    A is the most that a single bit can change the energy by, so that every minimum has `ones` ones.

    Args:
        linear: shape (n,).
        quadratic: upper triangle, shape (n, n).
        ones: number of ones wanted.
    """
    couplings = np.abs(quadratic)
    strength = float((np.abs(linear) + couplings.sum(axis=0) + couplings.sum(axis=1)).max())
    pairs = np.triu(np.full_like(quadratic, 2.0 * strength), 1)
    return linear + strength * (1 - 2 * ones), quadratic + pairs, strength * ones**2


def brought_back(bits: Bits, linear: NDArray[np.float64], quadratic: NDArray[np.float64], ones: int) -> Bits:
    """Return bits with exactly `ones` ones: the flips that cost least, one after the other."""
    couplings = quadratic + quadratic.T
    x = bits.astype(np.int8)
    while (count := int(x.sum())) != ones:
        field = linear + couplings @ x
        change = np.where(x == 1, -field, field)
        change[x == (1 if count < ones else 0)] = np.inf
        x[int(np.argmin(change))] ^= 1
    return x


def energy(bits: Bits, linear: NDArray[np.float64], quadratic: NDArray[np.float64]) -> float:
    """Return the energy of a window's bits."""
    return float(bits @ linear + bits @ quadratic @ bits)
