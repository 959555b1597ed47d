"""Control: the same graph, its independent set chosen greedily."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.dedup.graph import DuplicateGraph
from qwatt.stages.curation.dedup.independent_set import SHINGLES, THRESHOLDS, IndependentSet
from qwatt.stages.curation.dedup.method import COMMON, Notes
from qwatt.stages.curation.dedup.peeling import RULES, greedy_keep
from qwatt.stages.curation.dedup.problem import DedupProblem


@method
class Greedy(IndependentSet):
    """Keep the best vertex by a rule, drop its neighbours, repeat."""

    name: ClassVar[str] = "greedy"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("doi:10.1016/S0166-218X(02)00205-6",)
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {
        "shingles": SHINGLES,
        "threshold": THRESHOLDS,
        "rule": ("gwmin",),
    }
    limits: ClassVar[Mapping[str, Limit]] = {**IndependentSet.limits, "rule": frozenset(RULES)}

    def choose(
        self, problem: DedupProblem, graph: DuplicateGraph, settings: Settings, context: Context
    ) -> tuple[list[int], Notes]:
        """Return a maximal independent set."""
        with context.phase(Ring.KERNEL, "solve"):
            return greedy_keep(list(graph.vertices), list(graph.edges), problem.weights, settings["rule"]), {}
