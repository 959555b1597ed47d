"""The quadratic model by exchanges: what any sampler must beat, in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.method import Notes
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.quadratic import QuadraticMethod
from qwatt.stages.deployment.prune.setup import Setup

if TYPE_CHECKING:
    from qwatt.quantum import qubo
else:
    qubo = lazy("qwatt.quantum.qubo")

STARTS = 20


@method
class SwapSearch(QuadraticMethod):
    """The best exchange of a kept and a cut unit until none helps; every start's end is a candidate."""

    name: ClassVar[str] = "swap-search"
    kind: ClassVar[Kind] = Kind.CLASSICAL

    def search(self, model: qubo.BudgetedQubo, settings: Settings, context: Context) -> tuple[Mask, Notes]:
        """Search from every start."""
        with context.phase(Ring.KERNEL, "search"):
            starts = model.random(STARTS, context.rng)
            ends = [qubo.one_swap_search(model.bqm, start, model.part) for start in starts]
            return np.array(ends, dtype=np.int8), {"starts": STARTS}

    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Search from every start."""
        return swap_effort(found.variables, STARTS)


def swap_effort(variables: int, starts: int) -> Effort:
    """Return about as many exchanges as a fourth of the variables, each a look at all pairs."""
    return Effort(work={"elementwise": starts * variables**3 / 4.0, "iteration": starts * variables / 4.0})
