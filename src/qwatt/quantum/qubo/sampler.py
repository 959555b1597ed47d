"""One interface for every QUBO solver: dimod model in, sample set out, its QPU bill planned and charged."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.backend import Backend
from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.quantum.qubo.magnitude import checked, unit_scaled, with_energies

if TYPE_CHECKING:
    import dimod

_SEEDS = 2**31
"""Every library takes a seed below it."""

_MOST_BITS = 2**31
"""Reads times variables that a sample set may hold: a byte each."""


@dataclass(frozen=True)
class BqmShape:
    """What a bill depends on: the number of variables and of quadratic terms."""

    variables: int
    couplings: int


def bqm_shape(bqm: dimod.BinaryQuadraticModel) -> BqmShape:
    """Return the shape of a model."""
    return BqmShape(bqm.num_variables, bqm.num_interactions)


def at_least(least: int, number: Any, what: str, where: str) -> int:
    """Return a whole number that is not below `least`.

    Raises:
        QwattError: it is below, a boolean, or not of an integer type.
    """
    found = whole(number, what, where)
    if found < least:
        raise QwattError(f"{what}: {least} or more is needed, not {found}", where=where)
    return found


def whole(number: Any, what: str, where: str) -> int:
    """Return a whole number of any integer type.

    Raises:
        QwattError: it is a boolean, or not of an integer type.
    """
    try:
        if isinstance(number, bool):
            raise TypeError
        return operator.index(number)
    except TypeError:
        raise QwattError(f"{what} must be a whole number, not {number!r}", where=where) from None


def library_seed(seed: int) -> int:
    """Return a seed of 0..2**31-1 for any integer: itself where it fits, else a hash that repeats."""
    if 0 <= seed < _SEEDS:
        return seed
    return int(np.random.SeedSequence([abs(seed), int(seed < 0)]).generate_state(1)[0]) % _SEEDS


class QuboSampler(ABC):
    """Base of the samplers.

    `_sample` gets a model whose largest bias is near 1, without offset, and a seed that every library takes;
    the energies that `sample` returns are the given model's own.

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
            seed: seed of the sampler's randomness, any integer.

        Raises:
            QwattError: coefficients that are not finite or so large that energies overflow, no reads or too
                many, a seed that is no integer, or too many variables for this sampler.
        """
        where = f"sampler {self.name}"
        reads, seed = whole(reads, "the number of reads", where), whole(seed, "the seed", where)
        if reads < 1:
            raise QwattError(f"at least 1 read is needed, not {reads}", where=where)
        try:
            model = checked(bqm)
        except QwattError as error:
            raise error.found_in(where) from None
        self._require_size(model.num_variables, reads)
        if not model.num_variables:
            return _empty(model, reads)
        return with_energies(self._sample(unit_scaled(model), reads, library_seed(seed)), model)

    def plan(self, shape: BqmShape, reads: int) -> Demand:
        """Return the QPU's bill of one `sample`; classical samplers have none."""
        return Demand()

    @abstractmethod
    def _sample(self, bqm: dimod.BinaryQuadraticModel, reads: int, seed: int) -> dimod.SampleSet:
        """Sample a non-empty model and charge what a QPU would have to execute."""

    def _require_size(self, variables: int, reads: int) -> None:
        if self.largest is not None and variables > self.largest:
            raise QwattError(
                f"{variables} variables are too many for it ({self.largest} at most)",
                where=f"sampler {self.name}",
                mend="split the problem, or use annealing or tabu",
            )
        if variables * reads > _MOST_BITS:
            raise QwattError(
                f"{reads:,} reads of {variables:,} variables would take {variables * reads / 1e9:,.1f} GB",
                where=f"sampler {self.name}",
                mend=f"ask for {_MOST_BITS // variables:,} reads at most",
            )


def _empty(bqm: dimod.BinaryQuadraticModel, reads: int) -> dimod.SampleSet:
    import dimod

    return dimod.SampleSet.from_samples_bqm(([[]] * reads, []), bqm)
