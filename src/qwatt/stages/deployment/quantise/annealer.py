"""Rounding as QUBO on a D-Wave annealer: a problem for each row of a window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.qubo_rounding import QuboRounding, Solve
from qwatt.stages.deployment.quantise.rounding_tabu import best_of_rows

if TYPE_CHECKING:
    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import annealing
else:
    qubo, annealing = lazy("qwatt.quantum.qubo"), lazy("qwatt.quantum.primitives.annealing")


@method
class Annealer(QuboRounding):
    """Dense windows of 64 weights; the token of D-Wave's service is read from DWAVE_API_TOKEN."""

    name = "annealer"
    kind = Kind.QUANTUM
    sources = ("arXiv:1302.5843", "arXiv:2004.10568", "arXiv:2510.16075")
    companions: ClassVar[tuple[str, ...]] = ("rounding-annealing", "one-flip", *QuboRounding.companions)
    extra: ClassVar[str] = "dwave"
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**QuboRounding.space, "passes": (1,), "reads": (100,)}
    limits: ClassVar[Mapping[str, Limit]] = {**QuboRounding.limits, "reads": (1, 10_000)}
    width: ClassVar[int] = 64

    def window(self, context: Context) -> AbstractContextManager[None]:
        """A QPU executes it."""
        return context.circuits()

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Send the rows."""
        sampler = qubo.get_sampler("dwave", context.backend)
        return best_of_rows(sampler, int(settings["reads"]), context.rng)

    def window_effort(self, rows: int, width: int, settings: Settings, shots: int | None) -> Effort:
        """One problem a row, of which every pair is coupled."""
        couplings = width * (width - 1) // 2
        return Effort(annealing.demand(width, couplings, int(settings["reads"]), rows))
