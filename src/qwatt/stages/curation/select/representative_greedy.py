"""Representative selection by greedy gains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.method import Notes
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representation import Representation
from qwatt.stages.curation.select.representative_method import (
    SOURCES,
    RepresentativeMethod,
    graph_flop,
)


@method
class RepresentativeGreedy(RepresentativeMethod):
    """Choose what adds the most to the graph cut, one after the other."""

    name: ClassVar[str] = "representative-greedy"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "doi:10.1007/BF01588971")

    def search(self, problem: Representation, settings: Settings, context: Context) -> tuple[Bits, Notes]:
        """Choose one by one."""
        with context.phase(Ring.KERNEL, "choose"):
            return greedy(problem), {}

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """The cosines, and a pass over the pool for each choice."""
        return Effort(work={"gemm_flop": graph_flop(problem) + 4.0 * len(problem.pool) * problem.budget})


def greedy(problem: Representation, first: Sequence[int] = ()) -> Bits:
    """Return greedy's choice by gain, after what was chosen first; of equals the first."""
    gains, bits = problem.coverage.copy(), np.zeros(len(problem), dtype=np.int8)
    for number in range(problem.budget):
        best = int(first[number]) if number < len(first) else int(np.where(bits, -np.inf, gains).argmax())
        bits[best] = 1
        gains -= 2.0 * problem.redundancy * problem.similar[[best]].toarray()[0]
    return bits
