"""The quadratic model by QAOA with the X mixer, the budgets as a penalty."""

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
from qwatt.stages.deployment.prune.qaoa import (
    COMPANIONS,
    LAYERS,
    LAYERS_LIMITS,
    QUBITS,
    SHOTS,
    circuits_effort,
)
from qwatt.stages.deployment.prune.quadratic import SOURCES, SPACE, SPACE_LIMITS, QuadraticMethod
from qwatt.stages.deployment.prune.setup import Setup
from qwatt.stages.deployment.prune.windows import solved_windows, windows_of

if TYPE_CHECKING:
    from qwatt.quantum import qubo
else:
    _torch, qubo = lazy("torch"), lazy("qwatt.quantum.qubo")


@method
class QaoaPenalty(QuadraticMethod):
    """Linear-ramp QAOA; shots that miss a budget are brought back. The penalty is found by annealing."""

    name: ClassVar[str] = "qaoa-penalty"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "arXiv:2405.09169")
    companions: ClassVar[tuple[str, ...]] = COMPANIONS
    space: ClassVar[Mapping[str, Sequence[Any]]] = SPACE | LAYERS | PENALTY
    limits: ClassVar[Mapping[str, Limit]] = SPACE_LIMITS | LAYERS_LIMITS | PENALTY_LIMITS
    stochastic: ClassVar[bool] = True

    def search(self, model: qubo.BudgetedQubo, settings: Settings, context: Context) -> tuple[Mask, Notes]:
        """Sample one circuit a window."""
        windows = windows_of(model.part, model.ones, QUBITS, several=True)
        with context.phase(Ring.OUTER, "penalty"):
            strength = penalty_strength(model, float(settings["penalty"]), context.rng)
        shares: list[float] = []

        def solve(part: qubo.BudgetedQubo) -> Mask:
            sampler = qubo.get_sampler("qaoa", context.backend, depth=int(settings["layers"]))
            seed = int(context.rng.integers(2**31))
            with context.circuits():
                masks, share = penalised_reads(part, sampler, strength, context.shots or SHOTS, seed)
            shares.append(share)
            return masks

        with context.phase(Ring.KERNEL, "search"):
            masks = solved_windows(model, windows, solve, context.rng)
        notes = {"penalty": strength, "shots_within_budget": sum(shares) / len(shares)}
        return masks, notes | {"windows": len(windows)}

    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """A circuit a window, and what finding the penalty takes."""
        units = found.like_grouped
        windows = windows_of(units.part, units.keep, QUBITS, several=True)
        circuits = circuits_effort(windows, int(settings["layers"]), shots, keeps_ones=False)
        return circuits + trial_effort(found.variables, settings)
