"""Representative selection by QAOA that keeps the number of chosen examples, a window a circuit."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching import Bits
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.representative_method import SOURCES, graph_flop
from qwatt.stages.curation.select.representative_windows import (
    WindowedRepresentative,
    best_bits,
)
from qwatt.stages.curation.select.windows import Solve

if TYPE_CHECKING:
    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import qaoa
else:
    _torch, qubo, qaoa = lazy("torch"), lazy("qwatt.quantum.qubo"), lazy("qwatt.quantum.primitives.qaoa")

SHOTS = 1_000
_LAYERS = 5


@method
class RepresentativeQaoa(WindowedRepresentative):
    """Linear-ramp QAOA from a Dicke state with an XY mixer; every shot has the right number of ones."""

    name: ClassVar[str] = "representative-qaoa"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = (
        *SOURCES,
        "arXiv:2405.09169",
        "arXiv:1709.03489",
        "arXiv:1904.07358",
    )
    companions: ClassVar[tuple[str, ...]] = (
        "representative-mcmc",
        "representative-annealing",
        "representative-one-swap",
        "representative-greedy",
        "random",
    )

    def window(self, context: Context) -> AbstractContextManager[None]:
        """A QPU would execute it."""
        return context.circuits()

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Sample one circuit and take the best."""

        def solve(linear: np.ndarray, quadratic: np.ndarray, ones: int) -> Bits:
            sampler = qubo.get_sampler("qaoa", context.backend, depth=_LAYERS, ones=ones)
            reads, seed = context.shots or SHOTS, int(context.rng.integers(2**31))
            return best_bits(sampler.sample(qubo.complete_bqm(linear, quadratic), reads, seed))

        return solve

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """One circuit a window, of which every pair is coupled."""
        ones, windows = self.half(problem), self.windows(problem)
        couplings = ones * (2 * ones - 1)
        demand = qaoa.demand(2 * ones, couplings, _LAYERS, shots or SHOTS, circuits=windows, ones=ones)
        flops = windows * qaoa.simulation_flops(2 * ones, couplings, _LAYERS)
        return Effort(demand, {"engine_call": float(windows), "gemm_flop": graph_flop(problem)}, flops)
