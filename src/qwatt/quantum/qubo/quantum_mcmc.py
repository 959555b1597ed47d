"""Quantum-enhanced Markov chain Monte Carlo (arXiv:2203.12497): a quench proposes, Metropolis' rule accepts.

A quench of a bit string under H = (1 - g) a C + g B is a proposal that is as likely as its reverse, because H
is real. So the chain's limit is Boltzmann's distribution however coarse the time steps are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.backend import Backend
from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.primitives import quench
from qwatt.quantum.qubo.mcmc import Bits, Mcmc
from qwatt.quantum.qubo.sampler import BqmShape

if TYPE_CHECKING:
    import dimod

TIME_STEP = 0.8
MIXER_SHARE = (0.25, 0.6)
"""Range of g; both are the paper's."""
STEPS = (4, 16, 8, 22, 12, 6, 18, 10, 24, 14, 20)
"""Time steps of the quenches, by turns: 3.2 to 19.2 units of time, of the paper's 2 to 20 the even numbers.

By turns and not at random, so that the bill is known beforehand; the limit does not depend on it.
"""


class QuantumMcmc(Mcmc):
    """Chains whose proposals are measured from circuits of one shot, another circuit for every proposal.

    Args:
        backend: where the circuits run; None makes a fresh engine backend.
        chains: how many; chains of a turn share the quench's time and g.
        beta: inverse temperature, in units of one over the energy's standard deviation.
        ones: number of ones that every sample has, by XY-ring mixers (arXiv:1709.03489); None for X mixers.
    """

    name: ClassVar[str] = "quantum-mcmc"
    proposals: ClassVar[tuple[str, ...]] = ("quench",)

    def __init__(
        self,
        backend: Backend | None = None,
        chains: int = 10,
        beta: float = 5.0,
        ones: int | None = None,
    ) -> None:
        if backend is None:
            from qwatt.quantum.backends.engine import EngineBackend

            backend = EngineBackend()
        if not isinstance(backend, QuantumBackend):
            raise QwattError(f"the backend {backend.name!r} runs no circuits", where=f"sampler {self.name}")
        super().__init__(backend, "quench", chains, beta, ones)
        self.circuits: QuantumBackend = backend

    def plan(self, shape: BqmShape, reads: int) -> Demand:
        """Return the bill: a circuit of one shot for each proposal of each chain."""
        return Demand.sum(
            quench.demand(
                shape.variables, shape.couplings, steps, proposals, keeps_ones=self.ones is not None
            )
            for steps, proposals in self.quenches(reads).items()
        )

    def quenches(self, reads: int) -> dict[int, int]:
        """Return the number of proposals for so many reads by their time steps."""
        chains, turns = self.rounds(reads)
        found = {steps: len(range(n, turns, len(STEPS))) * chains for n, steps in enumerate(STEPS)}
        return {steps: proposals for steps, proposals in found.items() if proposals}

    def propose(
        self,
        bqm: dimod.BinaryQuadraticModel,
        bits: Bits,
        turn: int,
        spread: float,
        rng: np.random.Generator,
    ) -> Bits:
        """Quench every chain's string and measure it."""
        share = rng.uniform(*MIXER_SHARE)
        scale = mixer_norm(bqm.num_variables, self.ones) / spread
        angles = (1.0 - share) * scale * TIME_STEP, share * TIME_STEP
        steps = STEPS[turn % len(STEPS)]
        return self.circuits.quench(bqm, bits, angles, steps, rng, keeps_ones=self.ones is not None)


def mixer_norm(variables: int, ones: int | None = None) -> float:
    """Return the root of the mean squared eigenvalue of the mixer, as `energy_spread` is that of the cost.

    sum X has n. The ring has, in the space of strings with K ones, its number of pairs times the share of
    strings in which the two of a pair differ, 2 K (n - K) / (n (n - 1)).
    """
    n = variables
    if ones is None:
        return math.sqrt(n)
    pairs = 1 if n == 2 else n
    return math.sqrt(pairs * 2 * ones * (n - ones) / (n * (n - 1))) if n > 1 else 0.0
