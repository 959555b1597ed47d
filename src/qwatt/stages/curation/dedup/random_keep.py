"""Control: drops as many documents as the greedy control does by default, but at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.method import Context, Effort, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import duplicate_graph
from qwatt.stages.curation.dedup.independent_set import SHINGLES, THRESHOLDS
from qwatt.stages.curation.dedup.method import COMMON, DedupMethod, Notes
from qwatt.stages.curation.dedup.peeling import greedy_keep
from qwatt.stages.curation.dedup.problem import DedupAnswer, DedupProblem, Removal
from qwatt.stages.curation.dedup.work import shingled_bytes


@method
class RandomKeep(DedupMethod):
    """Shows what a keep-set of that size is worth when nothing chose it."""

    name: ClassVar[str] = "random-keep"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("random choice",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {
        "shingles": SHINGLES[:1],
        "threshold": THRESHOLDS[:1],
    }

    def keep(self, problem: DedupProblem, settings: Settings, context: Context) -> tuple[DedupAnswer, Notes]:
        """Count what greedy keeps, then keep as many at random."""
        with context.phase(Ring.KERNEL, "hash"):
            graph = duplicate_graph(
                problem, settings["shingles"], settings["threshold"], settings["normalise"]
            )
        with context.phase(Ring.KERNEL, "solve"):
            chosen = greedy_keep(list(graph.vertices), list(graph.edges), problem.weights, "gwmin")
            size = len(chosen) + len(graph.hubs)
            order = context.rng.permutation(len(problem))
            keep, gone = np.sort(order[:size]), np.sort(order[size:])
            stand_ins = context.rng.choice(keep, size=len(gone))
            dropped = {
                int(i): Removal(int(j), None, "at random") for i, j in zip(gone, stand_ins, strict=True)
            }
        return DedupAnswer(keep.astype(np.int64), dropped, {}), {}

    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """Shingling and hashing, which outweigh the rest."""
        return Effort(work=shingled_bytes(problem))
