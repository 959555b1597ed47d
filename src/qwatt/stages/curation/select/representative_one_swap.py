"""Representative selection by exchanges over the whole pool, from greedy's choice."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.method import Notes
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representation import Representation
from qwatt.stages.curation.select.representative_greedy import greedy
from qwatt.stages.curation.select.representative_method import SOURCES, RepresentativeMethod, graph_flop

_EXCHANGES = 10
"""What the plan assumes."""


@method
class RepresentativeOneSwap(RepresentativeMethod):
    """Exchange the best pair of a chosen and an unchosen example until none helps."""

    name: ClassVar[str] = "representative-one-swap"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = SOURCES

    def search(self, problem: Representation, settings: Settings, context: Context) -> tuple[Bits, Notes]:
        """Begin with greedy's choice."""
        with context.phase(Ring.KERNEL, "choose"):
            start = greedy(problem)
            bits, exchanges = exchanged(problem, start)
        return bits, {"graph_cut_of_greedy": -problem.objective(start), "exchanges": exchanges}

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """The cosines, greedy's passes, and all pairs an exchange."""
        pool, budget = len(problem.pool), problem.budget
        passes = 4.0 * pool * budget + 4.0 * (_EXCHANGES + 1) * budget * (pool - budget)
        return Effort(work={"gemm_flop": graph_flop(problem) + passes})


def exchanged(problem: Representation, start: Bits) -> tuple[Bits, int]:
    """Return a local minimum under exchanges, and how many there were."""
    bits, weight = start.copy(), 2.0 * problem.redundancy
    coverage, count = problem.coverage, 0
    while True:
        field = weight * (problem.similar @ bits.astype(np.float64)) - coverage
        ones, zeros = np.flatnonzero(bits), np.flatnonzero(bits == 0)
        shared = problem.similar[ones][:, zeros].toarray()
        change = field[zeros][None, :] - field[ones][:, None] - weight * shared
        off, on = np.unravel_index(np.argmin(change), change.shape)
        if change[off, on] >= -1e-9:
            return bits, count
        bits[ones[off]], bits[zeros[on]], count = 0, 1, count + 1
