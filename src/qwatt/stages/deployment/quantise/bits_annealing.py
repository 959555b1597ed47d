"""Bit allocation as QUBO by simulated annealing, with one-hot and budget as penalties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.bit_budget import BitBudget, Choice, brought_back, qubo_of
from qwatt.stages.deployment.quantise.bits_method import BitsMethod
from qwatt.stages.deployment.quantise.method import COMMON, LIMITS

if TYPE_CHECKING:
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    samplers, qubo = lazy("dwave.samplers"), lazy("qwatt.quantum.qubo")

_SWEEPS = 1_000


@method
class BitsAnnealing(BitsMethod):
    """Annealing of all layers at once; every read is brought back into the budget, and the best is taken."""

    name = "bits-annealing"
    kind = Kind.INSPIRED
    sources = ("doi:10.1126/science.220.4598.671", "arXiv:2011.10680")
    companions: ClassVar[tuple[str, ...]] = ("bits-integer", "bits-random", *BitsMethod.companions)
    stochastic = True
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**COMMON, "reads": (100,)}
    limits: ClassVar[Mapping[str, Limit]] = {**LIMITS, "reads": (1, 100_000)}

    def allocated(self, knapsack: BitBudget, settings: Settings, context: Context) -> Choice:
        """Sample the QUBO."""
        sampler = qubo.get_sampler("annealing", sweeps=_SWEEPS)
        return best_sample(knapsack, sampler, int(settings["reads"]), int(context.rng.integers(2**31)))

    def allocation_effort(self, layers: int, levels: int, settings: Settings, shots: int | None) -> Effort:
        """Count the proposals, each of a bit that is coupled with all others; many are taken."""
        n = layers * levels
        return Effort(work={"spin_update": float(settings["reads"] * _SWEEPS * n) * (1.0 + n / 2.0)})


def best_sample(knapsack: BitBudget, sampler: qubo.QuboSampler, reads: int, seed: int) -> Choice:
    """Return the best of a sampler's reads, each brought back into the budget."""
    found = sampler.sample(qubo.bqm_from_arrays(*qubo_of(knapsack)), reads, seed)
    strings = np.unique(qubo.ordered_reads(found), axis=0)
    return min((brought_back(knapsack, bits) for bits in strings), key=knapsack.total_loss)
