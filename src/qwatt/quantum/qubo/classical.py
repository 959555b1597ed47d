"""Classical samplers: exhaustive, simulated annealing, tabu search, steepest descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.backend import Backend
from qwatt.quantum.qubo.arrays import energies, sample_set
from qwatt.quantum.qubo.sampler import QuboSampler

if TYPE_CHECKING:
    import dimod


class Exact(QuboSampler):
    """All 2**n assignments; returns the `reads` of lowest energy, the lowest first."""

    name: ClassVar[str] = "exact"
    largest: ClassVar[int | None] = 24

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        found = energies(bqm)
        count = min(reads, len(found))
        lowest = np.argpartition(found, count - 1)[:count]
        lowest = lowest[np.argsort(found[lowest], kind="stable")]
        shifts = np.arange(bqm.num_variables - 1, -1, -1)
        return sample_set(bqm, (lowest[:, None] >> shifts) & 1)


class Annealing(QuboSampler):
    """Simulated annealing by dwave-samplers.

    Args:
        backend: unused; annealing on a CPU has no QPU bill.
        sweeps: Metropolis sweeps of each read.
    """

    name: ClassVar[str] = "annealing"

    def __init__(self, backend: Backend | None = None, sweeps: int = 1000) -> None:
        super().__init__(backend)
        self.sweeps = sweeps

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        from dwave.samplers import SimulatedAnnealingSampler

        return SimulatedAnnealingSampler().sample(bqm, num_reads=reads, num_sweeps=self.sweeps, seed=seed)


class Tabu(QuboSampler):
    """Multistart tabu search by dwave-samplers.

    Its usual stop is wall time; here it is a number of restarts, so that a seed repeats a result.

    Args:
        backend: unused; tabu search has no QPU bill.
        restarts: restarts of each read.
    """

    name: ClassVar[str] = "tabu"

    def __init__(self, backend: Backend | None = None, restarts: int = 20) -> None:
        super().__init__(backend)
        self.restarts = restarts

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        from dwave.samplers import TabuSampler

        return TabuSampler().sample(
            bqm, num_reads=reads, seed=seed, timeout=3_600_000, num_restarts=self.restarts
        )


class Steepest(QuboSampler):
    """Steepest descent from random starts by dwave-samplers."""

    name: ClassVar[str] = "steepest"

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        from dwave.samplers import SteepestDescentSampler

        return SteepestDescentSampler().sample(bqm, num_reads=reads, seed=seed)
