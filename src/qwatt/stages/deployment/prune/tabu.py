"""The quadratic model by tabu search, the budgets as a penalty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.prune.annealing import PENALTY, PenalisedMethod, trial_effort
from qwatt.stages.deployment.prune.quadratic import SOURCES, SPACE
from qwatt.stages.deployment.prune.setup import Setup

if TYPE_CHECKING:
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    samplers, qubo = lazy("dwave.samplers"), lazy("qwatt.quantum.qubo")

_RESTARTS, _UPDATES = 2, 500


@method
class TabuSearch(PenalisedMethod):
    """Multistart tabu search by dwave-samplers, stopped by counted work."""

    name: ClassVar[str] = "tabu"
    kind: ClassVar[Kind] = Kind.CLASSICAL
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "doi:10.1287/ijoc.1.3.190")
    space: ClassVar[Mapping[str, Sequence[Any]]] = SPACE | PENALTY | {"reads": (20,)}

    def sampler(self, context: Context) -> qubo.QuboSampler:
        """Return tabu search."""
        return qubo.get_sampler("tabu", restarts=_RESTARTS, updates=_UPDATES)

    def search_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """A look at every variable for each update."""
        updates = float(settings["reads"]) * (_RESTARTS + 1) * _UPDATES * found.variables
        return Effort(work={"spin_update": updates}) + trial_effort(found.variables, settings)
