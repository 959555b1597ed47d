"""Rounding as QUBO by tabu search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.deployment.quantise.qubo_rounding import QuboRounding, Solve
from qwatt.stages.deployment.quantise.row_windows import Bits, RowQubos

if TYPE_CHECKING:
    from dwave import samplers

    from qwatt.quantum import qubo
else:
    samplers, qubo = lazy("dwave.samplers"), lazy("qwatt.quantum.qubo")

_RESTARTS, _UPDATES = 2, 20
"""Starts after the first of a row, and updates of each a weight."""


def best_of_rows(sampler: qubo.QuboSampler, reads: int, rng: np.random.Generator) -> Solve:
    """Return what gives a sampler one row's model after the other, and takes its best read."""

    def solve(qubos: RowQubos) -> Bits:
        found = np.zeros(qubos.linear.shape, dtype=np.int8)
        for row in range(len(found)):
            model = qubo.bqm_from_arrays(qubos.linear[row], qubos.quadratic[row])
            best = sampler.sample(model, reads, int(rng.integers(2**31))).first.sample
            found[row] = [best[i] for i in range(qubos.linear.shape[1])]
        return found

    return solve


@method
class RoundingTabu(QuboRounding):
    """Multistart tabu search of windows of 64 weights, a row after the other."""

    name = "rounding-tabu"
    kind = Kind.INSPIRED
    sources = ("doi:10.1287/ijoc.1.3.190", "arXiv:2004.10568")
    companions: ClassVar[tuple[str, ...]] = ("one-flip", *QuboRounding.companions)
    space: ClassVar[Mapping[str, Sequence[Any]]] = {**QuboRounding.space, "reads": (1,)}
    width: ClassVar[int] = 64

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Search."""
        sampler = qubo.get_sampler("tabu", restarts=_RESTARTS, updates=_UPDATES)
        return best_of_rows(sampler, int(settings["reads"]), context.rng)

    def window_effort(self, rows: int, width: int, settings: Settings, shots: int | None) -> Effort:
        """Count the updates, each of which looks at all weights, and the making of a model a row."""
        moves = float(rows * settings["reads"] * (1 + _RESTARTS) * _UPDATES * width)
        return Effort(work={"spin_update": moves * width / 4.0, "fit": 0.5 * rows})
