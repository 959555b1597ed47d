"""Control: drops as many documents as the greedy control does by default, but at random."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from qwatt.core.method import Context, Effort, Kind, Method, Plan, Ring, Settings
from qwatt.core.problem import Solution
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import minhash_graph
from qwatt.stages.curation.dedup.independent_set import SHINGLES, THRESHOLDS
from qwatt.stages.curation.dedup.peeling import greedy_keep
from qwatt.stages.curation.dedup.problem import TASK, DedupAnswer, DedupProblem, Removal
from qwatt.stages.curation.dedup.work import hashing_operations


@method
class RandomKeep(Method[DedupProblem, DedupAnswer]):
    """Shows what a keep-set of that size is worth when nothing chose it."""

    name: ClassVar[str] = "random-keep"
    task: ClassVar[str] = TASK
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random choice",)

    def run(self, problem: DedupProblem, settings: Settings, context: Context) -> Solution[DedupAnswer]:
        """Return the keep-set; answer is a `DedupAnswer`."""
        graph = minhash_graph(problem, SHINGLES, THRESHOLDS[0], context)
        with context.phase(Ring.KERNEL, "solve"):
            size = len(greedy_keep(list(graph.vertices), list(graph.edges), problem.weights, "gwmin"))
            order = context.rng.permutation(len(problem))
            keep, gone = np.sort(order[:size]), np.sort(order[size:])
            stand_ins = context.rng.choice(keep, size=len(gone))
            dropped = {
                int(i): Removal(int(j), None, "at random") for i, j in zip(gone, stand_ins, strict=True)
            }
        return Solution(DedupAnswer(keep.astype(np.int64), dropped, {}))

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Count the hashing, which outweighs the rest; there are no circuits."""
        return Plan(Effort(work={"gemm_flop": hashing_operations(problem)}))
