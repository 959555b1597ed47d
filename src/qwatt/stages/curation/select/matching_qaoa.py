"""Matching by QAOA that keeps the number of chosen examples: Dicke start and XY mixer, a window a circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.stages.curation.select.matching_method import FEATURES, MatchingMethod
from qwatt.stages.curation.select.method import COMMON
from qwatt.stages.curation.select.problem import SelectProblem
from qwatt.stages.curation.select.windows import Solve, half_window

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import qubo
    from qwatt.quantum.primitives import qaoa
else:
    torch = lazy("torch")
    qubo = lazy("qwatt.quantum.qubo")
    qaoa = lazy("qwatt.quantum.primitives.qaoa")

QUBITS = 12
"""Examples of a window, as many chosen as unchosen."""
SHOTS = 1_000
_LAYERS = 5


@method
class MatchingQaoa(MatchingMethod):
    """Linear-ramp QAOA on windows of 12 examples; every shot has the right number of ones, the best is taken.

    Its control draws as many strings at random: where that finds as much, the circuit was not needed.
    """

    name: ClassVar[str] = "matching-qaoa"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2405.09169", "arXiv:1709.03489", "arXiv:1904.07358")
    companions: ClassVar[tuple[str, ...]] = ("matching-random-windows", "matching-one-swap", "random")
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | FEATURES | {"ramp": (3.0, 1.0)}
    width: ClassVar[int] = QUBITS

    def window(self, context: Context) -> AbstractContextManager[None]:
        """A QPU would execute it."""
        return context.circuits()

    def solver(self, settings: Settings, context: Context) -> Solve:
        """Sample one circuit."""

        def solve(linear: np.ndarray, quadratic: np.ndarray, ones: int) -> np.ndarray:
            sampler = qubo.get_sampler(
                "qaoa", context.backend, depth=_LAYERS, delta_gamma=settings["ramp"], ones=ones
            )
            bqm = qubo.bqm_from_arrays(linear, quadratic)
            found = sampler.sample(bqm, context.shots or SHOTS, int(context.rng.integers(2**31)))
            return np.array([found.first.sample[i] for i in range(len(linear))], dtype=np.int8)

        return solve

    def effort(self, problem: SelectProblem, settings: Settings, shots: int | None) -> Effort:
        """One circuit a window, of which every pair is coupled."""
        ones = half_window(len(problem.pool), problem.budget, self.width)
        windows, couplings = self.windows(problem, settings), ones * (2 * ones - 1)
        demand = qaoa.demand(2 * ones, couplings, _LAYERS, shots or SHOTS, circuits=windows, ones=ones)
        flops = windows * qaoa.simulation_flops(2 * ones, couplings, _LAYERS)
        # one call for the state, one to draw the shots
        circuits = Effort(demand, {"engine_call": 2.0 * windows}, flops)
        return self.search_effort(problem, settings) + circuits
