"""Keep-set as a maximum-weight independent set, found by simulated annealing on a CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Effort, Kind, Plan, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.components import connected_components
from qwatt.stages.curation.dedup.graph import DuplicateGraph
from qwatt.stages.curation.dedup.independent_set import SHINGLES, THRESHOLDS, IndependentSet
from qwatt.stages.curation.dedup.method import COMMON, Notes
from qwatt.stages.curation.dedup.planned import form_note
from qwatt.stages.curation.dedup.problem import DedupProblem

if TYPE_CHECKING:
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    samplers = lazy("dwave.samplers")
    qubo = lazy("qwatt.quantum.qubo")

_SWEEPS = 1_000
"""Metropolis sweeps of a read."""


@method
class IndependentSetAnnealing(IndependentSet):
    """One QUBO of all documents that have a near duplicate; of every component its best repaired read."""

    name: ClassVar[str] = "independent-set-annealing"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1302.5843",)
    companions: ClassVar[tuple[str, ...]] = ("greedy", "random-keep")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {
        "shingles": SHINGLES,
        "threshold": THRESHOLDS,
        "reads": (10,),
    }
    stochastic: ClassVar[bool] = True

    def work(self, problem: DedupProblem, settings: Settings) -> Effort:
        """The graph, and the updates of annealing its joined vertices."""
        joined = {v for edge in self.planned(problem, settings).edges for v in edge}
        updates = float(settings["reads"] * _SWEEPS * len(joined))
        return super().work(problem, settings) + Effort(work={"spin_update": updates})

    def plan(self, problem: DedupProblem, settings: Settings, shots: int | None) -> Plan:
        """Return the host's work."""
        return Plan(self.work(problem, settings), note=form_note(problem, SHINGLES[0]))

    def choose(
        self, problem: DedupProblem, graph: DuplicateGraph, settings: Settings, context: Context
    ) -> tuple[list[int], Notes]:
        """Return the best repaired reads, and all documents without a near duplicate."""
        with context.phase(Ring.KERNEL, "solve"):
            joined = sorted({v for edge in graph.edges for v in edge})
            place = {v: n for n, v in enumerate(joined)}
            edges = np.array([(place[i], place[j]) for i, j in graph.edges], dtype=np.int64).reshape(-1, 2)
            weights = problem.weights[joined]
            bqm = qubo.independent_set_bqm(weights, edges)
            found = qubo.get_sampler("annealing", sweeps=_SWEEPS).sample(
                bqm, settings["reads"], int(context.rng.integers(2**31))
            )
            samples = qubo.ordered_reads(found)
            repaired = np.array([qubo.repair_independent_set(bits, weights, edges) for bits in samples])
            keep = []
            for group in connected_components(range(len(joined)), [(i, j) for i, j in edges.tolist()]):
                worth = repaired[:, group] @ weights[group]
                keep += [
                    joined[n] for n, bit in zip(group, repaired[worth.argmax(), group], strict=True) if bit
                ]
        return [*keep, *sorted(set(graph.vertices) - set(joined))], {"variables": len(joined)}
