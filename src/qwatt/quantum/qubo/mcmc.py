"""Markov chain Monte Carlo on a binary quadratic model: Metropolis' rule, proposals by classical moves.

A proposal that is as likely as its reverse is accepted with min(1, exp(-beta dE)): whatever proposes, the
chain's limit is Boltzmann's distribution. `quantum_mcmc` has proposals of the same chain by quenches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.backend import Backend
from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.qubo.arrays import energy_of, energy_spread, sample_set
from qwatt.quantum.qubo.sampler import QuboSampler, at_least

if TYPE_CHECKING:
    import dimod

Bits = NDArray[np.int8]
"""One row a chain, shape (chains, n)."""


class Mcmc(QuboSampler):
    """Chains side by side from random strings; every state is a sample, so as many reads as proposals.

    Args:
        backend: unused by classical moves.
        proposal: "local" flips a bit, or exchanges a one and a zero where their number is kept; "uniform" is
            any string.
        chains: how many; the reads are shared among them.
        beta: inverse temperature, in units of one over the energy's standard deviation.
        ones: number of ones that every sample has; None for any.
    """

    name: ClassVar[str] = "mcmc"
    largest: ClassVar[int | None] = 24

    def __init__(
        self,
        backend: Backend | None = None,
        proposal: str = "local",
        chains: int = 10,
        beta: float = 5.0,
        ones: int | None = None,
    ) -> None:
        super().__init__(backend)
        if proposal not in self.proposals:
            raise unknown_name("proposal", proposal, self.proposals, where=f"sampler {self.name}")
        self.proposal, self.beta, self.ones = proposal, beta, ones
        self.chains = at_least(1, chains, "chains", f"sampler {self.name}")

    proposals: ClassVar[tuple[str, ...]] = ("local", "uniform")

    def rounds(self, reads: int) -> tuple[int, int]:
        """Return the chains that run for so many reads, and the proposals of each."""
        chains = min(self.chains, reads)
        return chains, -(-reads // chains)

    def propose(
        self,
        bqm: dimod.BinaryQuadraticModel,
        bits: Bits,
        turn: int,
        spread: float,
        rng: np.random.Generator,
    ) -> Bits:
        """Return another string for every chain; the chance of it is that of the way back.

        Args:
            bqm: the model.
            bits: where the chains are.
            turn: proposals of each chain so far.
            spread: the energy's standard deviation.
            rng: generator.
        """
        if self.proposal == "uniform":
            return random_strings(bits.shape, self.ones, rng)
        return moved(bits, self.ones, rng)

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        n, rng = bqm.num_variables, np.random.default_rng(seed)
        if self.ones is not None and not 0 <= self.ones <= n:
            raise QwattError(f"{n} variables cannot hold {self.ones} ones", where=f"sampler {self.name}")
        chains, turns = self.rounds(reads)
        spread = energy_spread(bqm, self.ones)
        bits = random_strings((chains, n), self.ones, rng)
        value, seen = energy_of(bqm, bits), []
        for turn in range(turns):
            other = self.propose(bqm, bits, turn, spread, rng)
            energy = energy_of(bqm, other)
            energy[~self._allowed(other)] = np.inf
            taken = rng.random(chains) < np.exp(-self.beta * np.maximum(energy - value, 0.0) / spread)
            bits, value = np.where(taken[:, None], other, bits), np.where(taken, energy, value)
            seen.append(bits)
        return sample_set(bqm, np.concatenate(seen)[:reads])

    def _allowed(self, bits: Bits) -> NDArray[np.bool_]:
        """Refuse what a noisy machine has measured with another number of ones."""
        return np.asarray(self.ones is None or bits.sum(axis=1) == self.ones) & np.ones(len(bits), dtype=bool)


def random_strings(shape: tuple[int, ...], ones: int | None, rng: np.random.Generator) -> Bits:
    """Return random strings, shape (chains, n); each with so many ones unless that is None."""
    if ones is None:
        return rng.integers(2, size=shape, dtype=np.int8)
    return rng.permuted(np.tile(np.arange(shape[1]) < ones, (shape[0], 1)), axis=1).astype(np.int8)


def moved(bits: Bits, ones: int | None, rng: np.random.Generator) -> Bits:
    """Flip one bit of every string, or exchange a one and a zero of it; one that is all alike stays."""
    found, rows = bits.copy(), np.arange(len(bits))
    if ones is None:
        found[rows, rng.integers(bits.shape[1], size=len(bits))] ^= 1
    elif 0 < ones < bits.shape[1]:
        order = rng.random(bits.shape)
        found[rows, np.where(bits == 1, order, -1.0).argmax(axis=1)] = 0
        found[rows, np.where(bits == 0, order, -1.0).argmax(axis=1)] = 1
    return found
