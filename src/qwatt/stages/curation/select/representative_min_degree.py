"""Representative selection by the greedy rule of independent sets: fewest neighbours first."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.method import Notes
from qwatt.stages.curation.select.representation import Representation
from qwatt.stages.curation.select.representative_greedy import RepresentativeGreedy, greedy


@method
class RepresentativeMinDegree(RepresentativeGreedy):
    """Choose what has the fewest neighbours left, drop these; once nothing is left, gains fill the budget."""

    name: ClassVar[str] = "representative-min-degree"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1016/S0166-218X(02)00205-6",)

    def search(self, problem: Representation, settings: Settings, context: Context) -> tuple[Bits, Notes]:
        """Choose independent examples, then by gain."""
        with context.phase(Ring.KERNEL, "choose"):
            first = independent(problem)
            return greedy(problem, first), {"independent": len(first)}


def independent(problem: Representation) -> list[int]:
    """Return an independent set of at most the budget: fewest neighbours first, the neighbours dropped."""
    graph = problem.similar
    neighbours = [graph.indices[graph.indptr[i] : graph.indptr[i + 1]] for i in range(len(problem))]
    degrees = np.diff(graph.indptr).astype(np.float64)
    chosen: list[int] = []
    while len(chosen) < problem.budget and np.isfinite(degrees).any():
        best = int(degrees.argmin())
        chosen.append(best)
        for gone in [best, *neighbours[best].tolist()]:
            if np.isfinite(degrees[gone]):
                degrees[gone] = np.inf
                degrees[neighbours[gone]] -= 1
    return chosen
