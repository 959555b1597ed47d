"""How strongly a penalty holds the budgets: tried on few reads of annealing, since no one strength fits all.

Too weak, and the reads must be brought back far; too strong, and single flips no longer move between masks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import dimod

    from qwatt.quantum import qubo
else:
    _dimod, qubo = lazy("dimod"), lazy("qwatt.quantum.qubo")

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Of the range of feasible energies."""
TRIAL_READS, TRIAL_SWEEPS = 20, 200
_RANGE_MASKS = 200


def energy_range(model: qubo.BudgetedQubo, rng: np.random.Generator) -> float:
    """Return the highest less the lowest energy of random feasible masks; 1 where all are alike."""
    return float(np.ptp(model.energies(model.random(_RANGE_MASKS, rng)))) or 1.0


def penalty_strength(model: qubo.BudgetedQubo, share: float, rng: np.random.Generator) -> float:
    """Return the strength that is a share of the range; for 0, the one whose reads are best on average."""
    scale = energy_range(model, rng)
    if share:
        return share * scale
    sampler = qubo.get_sampler("annealing", sweeps=TRIAL_SWEEPS)
    seed = int(rng.integers(2**31))
    tried = {
        part * scale: float(
            model.energies(penalised_reads(model, sampler, part * scale, TRIAL_READS, seed)[0]).mean()
        )
        for part in SHARES
    }
    return min(tried, key=lambda strength: tried[strength])


def penalised_reads(
    model: qubo.BudgetedQubo, sampler: qubo.QuboSampler, strength: float, reads: int, seed: int
) -> tuple[NDArray[np.int8], float]:
    """Return reads brought back to the budgets, shape (reads, n), and the share that kept them unaided."""
    linear, quadratic, _ = model.penalised(strength)
    bits = sample_bits(sampler.sample(qubo.complete_bqm(linear, quadratic), reads, seed))
    return within(model, bits), float(model.is_within(bits).mean())


def within(model: qubo.BudgetedQubo, bits: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return rows of bits, those that miss a budget brought back to it."""
    different, which = np.unique(bits, axis=0, return_inverse=True)
    return np.array([model.brought_back(row) for row in different], dtype=np.int8)[which.ravel()]


def sample_bits(found: dimod.SampleSet) -> NDArray[np.int8]:
    """Return a sample set's reads in the order of the variables' numbers, each as often as it occurred."""
    return np.repeat(qubo.ordered_reads(found), found.record.num_occurrences, axis=0)
