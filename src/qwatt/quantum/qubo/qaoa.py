"""QAOA as a sampler: a fixed linear ramp by default, or one tuned by SPSA steps that are billed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.backend import Backend
from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.primitives import qaoa
from qwatt.quantum.qubo.arrays import energy_spread
from qwatt.quantum.qubo.sampler import BqmShape, QuboSampler

if TYPE_CHECKING:
    import dimod
    import torch
else:
    # what the engine imports when it first runs or counts a circuit, which is inside an energy window
    _engine, _run = lazy("qwatt.quantum.engine"), lazy("qwatt.quantum.engine.qaoa.run")
    _cost, _circuit = lazy("qwatt.quantum.engine.qaoa.cost"), lazy("qwatt.quantum.circuits.qaoa")


class Qaoa(QuboSampler):
    """QAOA on a backend (linear ramp: arXiv:2405.09169; SPSA: Spall 1998).

    The default slopes were chosen on random dense, independent-set and keep-half models of 8 to 16 variables
    that no test or study uses; there they reach the ground state 2 to 40 times as often as (1.0, 0.5).

    Args:
        backend: where the circuits run; None makes a fresh engine backend.
        depth: layers p.
        delta_gamma: slope of the cost angles, for energies of unit standard deviation.
        delta_beta: slope of the mixer angles.
        steps: SPSA steps over all 2p angles before the final circuit; each step is two more circuits.
        ones: number of ones that every sample has, by a Dicke start and an XY-ring mixer (arXiv:1709.03489);
            None for the X mixer and any number.
    """

    name: ClassVar[str] = "qaoa"
    largest: ClassVar[int | None] = 24

    def __init__(
        self,
        backend: Backend | None = None,
        depth: int = 10,
        delta_gamma: float = 3.0,
        delta_beta: float = 0.5,
        steps: int = 0,
        ones: int | None = None,
    ) -> None:
        if backend is None:
            from qwatt.quantum.backends.engine import EngineBackend

            backend = EngineBackend()
        if not isinstance(backend, QuantumBackend):
            raise QwattError(f"the backend {backend.name!r} runs no circuits", where="sampler qaoa")
        super().__init__(backend)
        self.circuits: QuantumBackend = backend
        self.depth, self.steps, self.ones = depth, steps, ones
        self.delta_gamma, self.delta_beta = delta_gamma, delta_beta

    def plan(self, shape: BqmShape, reads: int) -> Demand:
        """Return the bill: the final circuit and two a tuning step, each with `reads` shots."""
        circuits = 1 + 2 * self.steps
        return qaoa.demand(
            shape.variables, shape.couplings, self.depth, reads, circuits=circuits, ones=self.ones
        )

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        import torch

        from qwatt.quantum.engine.qaoa.run import linear_ramp

        if self.ones is not None and not 0 <= self.ones <= bqm.num_variables:
            raise QwattError(
                f"{bqm.num_variables} variables cannot hold {self.ones} ones", where="sampler qaoa"
            )
        rng, spread = np.random.default_rng(seed), energy_spread(bqm, self.ones)

        def run(angles: torch.Tensor) -> dimod.SampleSet:
            gammas, betas = angles.numpy()
            return self.circuits.qaoa(bqm, gammas / spread, betas, reads, rng, ones=self.ones)

        def means(stacked: torch.Tensor) -> torch.Tensor:
            return torch.tensor([float(run(angles).record.energy.mean()) / spread for angles in stacked])

        ramp = torch.stack(linear_ramp(self.depth, self.delta_gamma, self.delta_beta))
        return run(_descended(means, ramp, self.steps, seed) if self.steps else ramp)


def _descended(
    means: Callable[[torch.Tensor], torch.Tensor], start: torch.Tensor, steps: int, seed: int
) -> torch.Tensor:
    from qwatt.quantum.algorithms.spsa import Spsa

    descent = Spsa(means, learning_rate=0.05, perturbation=0.1, stability=4.0, seed=seed)
    angles = start
    for _ in range(steps):
        angles = descent.step(angles)
    return angles
