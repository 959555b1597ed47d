"""What the methods of representative selection share: the graph, its components, a choice as the answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from qwatt.core.limits import Limit
from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.curation.select.component_shapes import component_shapes
from qwatt.stages.curation.select.features import embedded
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.method import COMMON, Notes, SelectMethod
from qwatt.stages.curation.select.problem import SelectAnswer, SelectProblem
from qwatt.stages.curation.select.representation import Representation, similarity_graph

SOURCES = ("arXiv:2202.10680",)
GRAPH: dict[str, Sequence[Any]] = {"threshold": (0.5, 0.3), "redundancy": (1.0, 0.5)}


class RepresentativeMethod(SelectMethod):
    """Base: K examples of least redundancy and most coverage; the methods differ in how they search.

    The record says how many components of the graph were trivial, and the graph cut of the choice.
    """

    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | GRAPH
    limits: ClassVar[Mapping[str, Limit]] = {"threshold": (0.01, 1.0), "redundancy": (0.0, 100.0)}

    @abstractmethod
    def search(self, problem: Representation, settings: Settings, context: Context) -> tuple[Bits, Notes]:
        """Return the choice, found inside energy windows, and remarks for the record."""

    def choose(
        self, problem: SelectProblem, settings: Settings, context: Context
    ) -> tuple[SelectAnswer, Notes]:
        """Build the graph, search, and score the chosen by what is lost without them."""
        vectors = embedded(problem, context)
        with context.phase(Ring.LOADING, "graph"):
            graph = similarity_graph(vectors, float(settings["threshold"]))
            representation = Representation(graph, float(settings["redundancy"]), problem.budget)
        bits, notes = self.search(representation, settings, context)
        with context.phase(Ring.OUTER, "report"):
            chosen = np.flatnonzero(bits)
            scores = representation.loss_without(chosen)
            notes |= {"graph_cut": -representation.objective(bits), "components": component_shapes(graph)}
        return SelectAnswer(chosen, scores, "what the graph cut loses without it"), notes


def graph_flop(problem: SelectProblem) -> float:
    """Return the operations of all cosines."""
    return 2.0 * len(problem.pool) ** 2 * problem.pool.embedding.dimensions
