"""Classical samplers: exhaustive, simulated annealing, tabu search, steepest descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.backend import Backend
from qwatt.quantum.qubo.arrays import energies, sample_set
from qwatt.quantum.qubo.sampler import QuboSampler, at_least

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
        self.sweeps = at_least(1, sweeps, "sweeps", "sampler annealing")

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        from dwave.samplers import SimulatedAnnealingSampler

        flat = not any(bqm.linear.values()) and not any(bqm.quadratic.values())
        temperatures = (0.1, 1.0) if flat else None  # the library cannot derive them from no biases
        return SimulatedAnnealingSampler().sample(
            bqm, num_reads=reads, num_sweeps=self.sweeps, seed=seed, beta_range=temperatures
        )


class Tabu(QuboSampler):
    """Multistart tabu search by dwave-samplers.

    It stops by counted work instead of wall time, so that a seed repeats its result.

    Args:
        backend: unused; tabu search has no QPU bill.
        restarts: restarts of each read.
        updates: variable updates considered in each start, per variable.
    """

    name: ClassVar[str] = "tabu"

    def __init__(self, backend: Backend | None = None, restarts: int = 10, updates: int = 1000) -> None:
        super().__init__(backend)
        self.restarts = at_least(0, restarts, "restarts", "sampler tabu")
        self.updates = at_least(1, updates, "updates", "sampler tabu")

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        from dwave.samplers import TabuSampler

        return TabuSampler().sample(
            bqm,
            num_reads=reads,
            seed=seed,
            timeout=None,
            num_restarts=self.restarts,
            coefficient_z_first=self.updates,
            coefficient_z_restart=self.updates,
            lower_bound_z=1,
        )


class Steepest(QuboSampler):
    """Steepest descent from random starts by dwave-samplers."""

    name: ClassVar[str] = "steepest"

    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        from dwave.samplers import SteepestDescentSampler

        return SteepestDescentSampler().sample(bqm, num_reads=reads, seed=seed)
