"""Representative selection as an integer program, solved by HiGHS."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.method import Notes
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representation import Representation
from qwatt.stages.curation.select.representative_greedy import greedy
from qwatt.stages.curation.select.representative_method import SOURCES, RepresentativeMethod, graph_flop
from qwatt.stages.curation.select.representative_one_swap import exchanged

if TYPE_CHECKING:
    from scipy import optimize, sparse
else:
    optimize, sparse = lazy("scipy.optimize"), lazy("scipy.sparse")

MOST_EDGES = 2_000
"""Beyond them its linear programs take minutes."""
_SPARSE, _EDGES = 0.5, 1.5
"""Threshold from which on a graph of sentences is sparse, and the edges an example that are then assumed."""
NODES = 100
"""Of branch and bound; counted and not timed, so that a seed repeats its result."""


@method
class RepresentativeExact(RepresentativeMethod):
    """Branch and bound, one variable a pair of similar examples; the record says if the optimum is proved.

    Where nodes run out or there are too many edges, the better of what it found and one-swap search counts.
    """

    name: ClassVar[str] = "representative-exact"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "doi:10.1007/s12532-017-0130-5 (HiGHS)")

    def search(self, problem: Representation, settings: Settings, context: Context) -> tuple[Bits, Notes]:
        """Solve, if the graph is sparse enough."""
        with context.phase(Ring.KERNEL, "choose"):
            fallback, _ = exchanged(problem, greedy(problem))
            edges = problem.similar.nnz // 2
            if edges > MOST_EDGES:
                return fallback, {"proved": False, "edges": edges}
            bits, proved = best_choice(problem)
            best = min((fallback, *([] if bits is None else [bits])), key=problem.objective)
            return best, {"proved": proved, "edges": edges}

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """Count all nodes of a hard problem or one of an easy one, as if examples had so many neighbours.

        Nobody knows the graph and the nodes beforehand; beyond the most edges only one-swap search is left.
        """
        examples = len(problem.pool)
        edges = _EDGES * examples if settings["threshold"] >= _SPARSE else math.inf
        nodes = NODES if settings["redundancy"] >= 1.0 else 1
        variables = examples + edges if edges <= MOST_EDGES else 0.0
        return Effort(work={"node_variable": nodes * variables, "gemm_flop": graph_flop(problem)})


def best_choice(problem: Representation) -> tuple[Bits | None, bool]:
    """Return the choice of least objective that was found, if any, and whether no other is better.

    Minimise -c x + 2 lambda s y with y_ij >= x_i + x_j - 1 and y >= 0 for each edge, which is exact where x
    is 0 or 1 (Glover and Woolsey 1974).
    """
    n, edges = len(problem), sparse.triu(problem.similar, 1).tocoo()
    m = len(edges.data)
    cost = np.concatenate([-problem.coverage, 2.0 * problem.redundancy * edges.data])
    rows = np.tile(np.arange(m), 3)
    columns = np.concatenate([edges.row, edges.col, n + np.arange(m)])
    pairs = sparse.csr_array((np.repeat([1.0, 1.0, -1.0], m), (rows, columns)), shape=(m, n + m))
    budget = sparse.csr_array((np.ones(n), (np.zeros(n, dtype=int), np.arange(n))), shape=(1, n + m))
    limits = [optimize.LinearConstraint(budget, problem.budget, problem.budget)]
    limits += [optimize.LinearConstraint(pairs, -np.inf, 1.0)] if m else []
    found = optimize.milp(
        cost,
        constraints=limits,
        integrality=np.concatenate([np.ones(n), np.zeros(m)]),
        bounds=optimize.Bounds(0.0, np.concatenate([np.ones(n), np.full(m, np.inf)])),
        options={"node_limit": NODES, "mip_rel_gap": 1e-9},
    )
    bits = None if found.x is None else np.round(found.x[:n]).astype(np.int8)
    return bits, bool(found.status == 0)
