"""Representative selection by Markov chains with classical moves: the twin of the quantum-enhanced ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.method import COMMON
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representative_method import GRAPH, SOURCES, graph_flop
from qwatt.stages.curation.select.representative_windows import (
    WindowedRepresentative,
    best_bits,
)
from qwatt.stages.curation.select.windows import Solve

if TYPE_CHECKING:
    from qwatt.quantum import qubo
else:
    qubo = lazy("qwatt.quantum.qubo")

PROPOSALS = 110
"""Of all ten chains of a window, so that each has one of every time that quenches take."""


@method
class RepresentativeMcmc(WindowedRepresentative):
    """Metropolis chains that exchange a chosen and an unchosen example; `proposal` "uniform" draws anew."""

    name: ClassVar[str] = "representative-mcmc"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = (*SOURCES, "doi:10.1063/1.1699114")
    space: ClassVar[Mapping[str, Sequence[Any]]] = (
        COMMON
        | GRAPH
        | {
            "proposal": ("local",),
            "proposals": (PROPOSALS,),
            "beta": (5.0,),
        }
    )
    limits: ClassVar[Mapping[str, Limit]] = {
        **WindowedRepresentative.limits,
        "proposal": frozenset({"local", "uniform"}),
        "proposals": (1, 1e6),
    }

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Run the chains and take the best state."""
        proposals = int(settings["proposals"])

        def solve(linear: np.ndarray, quadratic: np.ndarray, ones: int) -> Bits:
            sampler, seed = self.sampler(settings, context, ones), int(context.rng.integers(2**31))
            return best_bits(sampler.sample(qubo.complete_bqm(linear, quadratic), proposals, seed))

        return solve

    def sampler(self, settings: Settings, context: Context, ones: int) -> qubo.QuboSampler:
        """Return the chains."""
        return qubo.get_sampler(
            "mcmc", proposal=settings["proposal"], beta=float(settings["beta"]), ones=ones
        )

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """A move a proposal."""
        moves = float(self.windows(problem) * settings["proposals"])
        return Effort(work={"spin_update": moves, "gemm_flop": graph_flop(problem)})
