"""The quadratic model as an integer program, solved by HiGHS."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.method import Notes
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.quadratic import SOURCES, QuadraticMethod
from qwatt.stages.deployment.prune.setup import Setup
from qwatt.stages.deployment.prune.swap_search import swap_effort

if TYPE_CHECKING:
    from scipy import optimize, sparse

    from qwatt.quantum import qubo
else:
    optimize, sparse, qubo = lazy("scipy.optimize"), lazy("scipy.sparse"), lazy("qwatt.quantum.qubo")

MOST_VARIABLES = 40
"""Beyond them its linear programs, which have a variable a pair, take minutes."""
NODES = 2_000
"""Of branch and bound; counted and not timed, so that a seed repeats its result."""
VARIABLES_A_DOUBLING = 4
"""Own counts of nodes: 1 for 16 heads, 9 for 16 groups of channels; 28 for 22, 596 for 32; 7 for 24 heads and
groups, 241 for 32 and 385 for 38: twice as many for every four variables, within a factor of 16."""


@method
class IntegerProgram(QuadraticMethod):
    """Branch and bound; the record says if the optimum is proved. One-swap search ends what it found.

    Where nodes run out, or variables are too many for it, one-swap search from a random mask is all there is.
    """

    name: ClassVar[str] = "integer"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "doi:10.1007/s12532-017-0130-5 (HiGHS)")

    def search(self, model: qubo.BudgetedQubo, settings: Settings, context: Context) -> tuple[Mask, Notes]:
        """Solve, if there are few variables."""
        with context.phase(Ring.KERNEL, "search"):
            masks, proved = [model.random(1, context.rng)[0]], False
            if len(model) <= MOST_VARIABLES:
                best, proved = least(model)
                masks += [] if best is None else [best]
            masks += [qubo.one_swap_search(model.bqm, mask, model.part) for mask in masks]
            return np.array(masks, dtype=np.int8), {"proved": proved}

    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Count nodes as decoders' models took them, a variable a pair in each; nobody knows beforehand."""
        n = found.variables
        if n > MOST_VARIABLES:
            return swap_effort(n, starts=1)
        nodes = min(NODES, 2.0 ** (n / VARIABLES_A_DOUBLING))
        return Effort(work={"node_variable": nodes * (n + n * (n - 1) / 2)}) + swap_effort(n, starts=2)


def least(model: qubo.BudgetedQubo) -> tuple[NDArray[np.int8] | None, bool]:
    """Return the mask of least energy that was found, if any, and whether no other is better.

    y_ij stands for x_i x_j: below both where the coupling is negative, at least x_i + x_j - 1 where it is
    positive, which is exact where x is 0 or 1 (Glover and Woolsey 1974).
    """
    n = len(model)
    rows, columns = np.nonzero(model.quadratic)
    weights = model.quadratic[rows, columns]
    m, up, down = len(weights), np.flatnonzero(weights > 0), np.flatnonzero(weights < 0)
    parts = model.part[None, :] == np.arange(len(model.ones))[:, None]
    budgets = np.hstack([parts.astype(np.float64), np.zeros((len(parts), m))])
    limits = [
        optimize.LinearConstraint(sparse.csr_array(budgets), model.ones, model.ones),
        _pairs(n, m, (rows[up], 1.0), (columns[up], 1.0), up, 1.0),
        _pairs(n, m, (rows[down], -1.0), None, down, 0.0),
        _pairs(n, m, (columns[down], -1.0), None, down, 0.0),
    ]
    found = optimize.milp(
        np.concatenate([model.linear, weights]),
        constraints=[limit for limit in limits if limit is not None],
        integrality=np.concatenate([np.ones(n), np.zeros(m)]),
        bounds=optimize.Bounds(0.0, 1.0),
        options={"node_limit": NODES, "mip_rel_gap": 1e-9},
    )
    mask = None if found.x is None else model.brought_back(np.round(found.x[:n]).astype(np.int8))
    return mask, bool(found.status == 0)


def _pairs(
    n: int,
    m: int,
    first: tuple[NDArray[np.int64], float],
    second: tuple[NDArray[np.int64], float] | None,
    pairs: NDArray[np.int64],
    most: float,
) -> optimize.LinearConstraint | None:
    """Return sign x_first + sign x_second -/+ y <= most for every pair; y's sign is opposite to x's."""
    if not len(pairs):
        return None
    count, terms = np.arange(len(pairs)), [first] if second is None else [first, second]
    rows = np.concatenate([count] * (len(terms) + 1))
    columns = np.concatenate([variables for variables, _ in terms] + [n + pairs])
    values = np.concatenate(
        [np.full(len(pairs), sign) for _, sign in terms] + [np.full(len(pairs), -first[1])]
    )
    return optimize.LinearConstraint(
        sparse.csr_array((values, (rows, columns)), shape=(len(pairs), n + m)), -np.inf, most
    )
