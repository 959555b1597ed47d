"""One interface for every QUBO solver: dimod model in, sample set out, its QPU bill planned and charged."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from qwatt.core.backend import Backend
from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError

if TYPE_CHECKING:
    import dimod


@dataclass(frozen=True)
class BqmShape:
    """What a bill depends on: the number of variables and of quadratic terms."""

    variables: int
    couplings: int


def bqm_shape(bqm: dimod.BinaryQuadraticModel) -> BqmShape:
    """Return the shape of a model."""
    return BqmShape(bqm.num_variables, bqm.num_interactions)


class QuboSampler(ABC):
    """Base of the samplers.

    Args:
        backend: whose recorder is charged; None charges nobody.
    """

    name: ClassVar[str]
    largest: ClassVar[int | None] = None
    """Most variables that the sampler takes; None for no limit of its own."""

    def __init__(self, backend: Backend | None = None) -> None:
        self.backend = backend

    def sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        """Return `reads` samples with their energies, in the model's own variable type.

        Args:
            bqm: the model to minimise.
            reads: samples wanted; at least 1.
            seed: seed of the sampler's randomness.

        Raises:
            QwattError: no reads, or too many variables for this sampler.
        """
        if reads < 1:
            raise QwattError(f"at least 1 read is needed, not {reads}", where=f"sampler {self.name}")
        if self.largest is not None and bqm.num_variables > self.largest:
            raise QwattError(
                f"{bqm.num_variables} variables are too many for it ({self.largest} at most)",
                where=f"sampler {self.name}",
                mend="split the problem, or use annealing or tabu",
            )
        if not bqm.num_variables:
            return _empty(bqm, reads)
        return self._sample(bqm, reads, seed)

    def plan(self, shape: BqmShape, reads: int) -> Demand:
        """Return the QPU's bill of one `sample`; classical samplers have none."""
        return Demand()

    @abstractmethod
    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        """Sample a non-empty model and charge what a QPU would have to execute."""


def _empty(bqm: dimod.BinaryQuadraticModel, reads: int) -> dimod.SampleSet:
    import dimod

    return dimod.SampleSet.from_samples_bqm(([[]] * reads, []), bqm)
