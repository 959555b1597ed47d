"""The quadratic model on a D-Wave annealer: the budgets as a penalty, windows where units are too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.annealing import PENALTY, PENALTY_LIMITS, trial_effort
from qwatt.stages.deployment.prune.method import Notes
from qwatt.stages.deployment.prune.penalty import penalised_reads, penalty_strength
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.quadratic import SOURCES, SPACE, SPACE_LIMITS, QuadraticMethod
from qwatt.stages.deployment.prune.setup import Setup
from qwatt.stages.deployment.prune.windows import solved_windows, window_size, windows_of

if TYPE_CHECKING:
    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import annealing
else:
    qubo, annealing = lazy("qwatt.quantum.qubo"), lazy("qwatt.quantum.primitives.annealing")

VARIABLES = 100
"""Of a window: dense problems of so many embed today."""


@method
class AnnealerSearch(QuadraticMethod):
    """One problem a window; the token of D-Wave's service is read from DWAVE_API_TOKEN."""

    name: ClassVar[str] = "annealer"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "arXiv:1302.5843", "arXiv:2505.16332")
    companions: ClassVar[tuple[str, ...]] = ("random-masks", "annealing", "swap-search", "greedy", "taylor")
    extra: ClassVar[str] = "dwave"
    space: ClassVar[Mapping[str, Sequence[Any]]] = SPACE | PENALTY | {"reads": (100,)}
    limits: ClassVar[Mapping[str, Limit]] = SPACE_LIMITS | PENALTY_LIMITS | {"reads": (1, 1e6)}
    stochastic: ClassVar[bool] = True

    def search(self, model: qubo.BudgetedQubo, settings: Settings, context: Context) -> tuple[Mask, Notes]:
        """Send one problem a window."""
        windows = windows_of(model.part, model.ones, VARIABLES, several=True)
        with context.phase(Ring.OUTER, "penalty"):
            strength = penalty_strength(model, float(settings["penalty"]), context.rng)

        def solve(part: qubo.BudgetedQubo) -> Mask:
            sampler = qubo.get_sampler("dwave", context.backend)
            with context.circuits():
                return penalised_reads(part, sampler, strength, int(settings["reads"]), 0)[0]

        with context.phase(Ring.KERNEL, "search"):
            masks = solved_windows(model, windows, solve, context.rng)
        return masks, {"penalty": strength, "windows": len(windows)}

    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Every pair of a window is coupled."""
        units = found.like_grouped
        sizes = [window_size(w) for w in windows_of(units.part, units.keep, VARIABLES, several=True)]
        problems = [Effort(annealing.demand(n, n * (n - 1) // 2, int(settings["reads"]))) for n in sizes]
        return Effort.sum(problems) + trial_effort(found.variables, settings)
