"""The quadratic model by simulated annealing, the budgets as a penalty; and the base of such samplers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Ring, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.method import Notes
from qwatt.stages.deployment.prune.penalty import (
    SHARES,
    TRIAL_READS,
    TRIAL_SWEEPS,
    penalised_reads,
    penalty_strength,
)
from qwatt.stages.deployment.prune.problem import Mask
from qwatt.stages.deployment.prune.quadratic import SOURCES, SPACE, SPACE_LIMITS, QuadraticMethod
from qwatt.stages.deployment.prune.setup import Setup

if TYPE_CHECKING:
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    samplers, qubo = lazy("dwave.samplers"), lazy("qwatt.quantum.qubo")

SWEEPS = 1_000
PENALTY: dict[str, Sequence[Any]] = {"penalty": (0.0,)}
"""Share of the range of feasible energies; 0 finds it on few reads of annealing."""
PENALTY_LIMITS: dict[str, Limit] = {"penalty": (0.0, 1e6)}


class PenalisedMethod(QuadraticMethod):
    """Base: reads of the whole model with a penalty; those that miss a budget are brought back to it."""

    space: ClassVar[Mapping[str, Sequence[Any]]] = SPACE | PENALTY | {"reads": (100,)}
    limits: ClassVar[Mapping[str, Limit]] = SPACE_LIMITS | PENALTY_LIMITS | {"reads": (1, 1e6)}

    @abstractmethod
    def sampler(self, context: Context) -> qubo.QuboSampler:
        """Return the sampler."""

    def search(self, model: qubo.BudgetedQubo, settings: Settings, context: Context) -> tuple[Mask, Notes]:
        """Choose the penalty and sample."""
        with context.phase(Ring.OUTER, "penalty"):
            strength = penalty_strength(model, float(settings["penalty"]), context.rng)
        with context.phase(Ring.KERNEL, "search"):
            seed = int(context.rng.integers(2**31))
            masks, unaided = penalised_reads(
                model, self.sampler(context), strength, int(settings["reads"]), seed
            )
        return masks, {"penalty": strength, "reads_within_budget": unaided}


def trial_effort(variables: int, settings: Settings) -> Effort:
    """Return what finding the penalty takes."""
    proposals = 0.0 if settings["penalty"] else float(len(SHARES) * TRIAL_READS * TRIAL_SWEEPS * variables)
    return Effort(work={"spin_update": proposals})


@method
class AnnealingSearch(PenalisedMethod):
    """Metropolis sweeps by dwave-samplers."""

    name: ClassVar[str] = "annealing"
    kind: ClassVar[Kind] = Kind.INSPIRED
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "doi:10.1126/science.220.4598.671")
    companions: ClassVar[tuple[str, ...]] = ("swap-search",)

    def sampler(self, context: Context) -> qubo.QuboSampler:
        """Return simulated annealing."""
        return qubo.get_sampler("annealing", sweeps=SWEEPS)

    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Proposals of every read."""
        proposals = float(settings["reads"]) * SWEEPS * found.variables
        return Effort(work={"spin_update": proposals}) + trial_effort(found.variables, settings)
