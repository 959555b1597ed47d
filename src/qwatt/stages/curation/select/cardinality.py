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
        model = qubo.BudgetedQubo.single(linear, quadratic, ones)
        bqm = qubo.bqm_from_arrays(*model.penalised(model.sure_strength))
        found = sampler.sample(bqm, reads, int(rng.integers(2**31)))
        back = np.array([model.brought_back(bits) for bits in qubo.ordered_reads(found)])
        return qubo.one_swap_search(model.bqm, back[model.energies(back).argmin()])

    return solve
