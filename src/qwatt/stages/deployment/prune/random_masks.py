"""The quadratic model by drawing masks: what is left of a sampler when it does not look at the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.method import Notes
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.quadratic import QuadraticMethod
from qwatt.stages.deployment.prune.setup import Setup

if TYPE_CHECKING:
    from qwatt.quantum.qubo import BudgetedQubo

DRAWS = 1_000


@method
class RandomMasks(QuadraticMethod):
    """As many random masks as a QAOA circuit has shots; those of least energy are candidates."""

    name: ClassVar[str] = "random-masks"
    kind: ClassVar[Kind] = Kind.CONTROL

    def search(self, model: BudgetedQubo, settings: Settings, context: Context) -> tuple[Mask, Notes]:
        """Draw."""
        with context.phase(Ring.KERNEL, "search"):
            return model.random(context.shots or DRAWS, context.rng), {}

    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """An energy a draw."""
        return Effort(work={"gemm_flop": 2.0 * (shots or DRAWS) * found.variables**2})
