"""Control: the circuit surrogate with random, frozen angles, of which only the read-out is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import exact_simulator
from qwatt.quantum.primitives import expectation
from qwatt.stages.architecture.search.method import proposals
from qwatt.stages.architecture.search.problem import SearchProblem
from qwatt.stages.architecture.search.surrogate import POOL
from qwatt.stages.architecture.search.vqc_surrogate import Fitted, VqcSurrogate

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

_RIDGE = 1e-3


@method
class RandomCircuitSurrogate(VqcSurrogate):
    """The angles stay as drawn, uniformly on the circle; the read-out is fitted in closed form."""

    name: ClassVar[str] = "vqc-surrogate-random"
    kind: ClassVar[Kind] = Kind.CONTROL
    sources: ClassVar[tuple[str, ...]] = ("the random-circuit ablation of arXiv:2403.07059",)
    companions: ClassVar[tuple[str, ...]] = ()

    def prepare(self, problem: SearchProblem, settings: Settings, context: Context) -> Fitted:
        """Draw angles from the whole circle, as none will be trained."""
        state = super().prepare(problem, settings, context)
        drawn = context.rng.uniform(-np.pi, np.pi, state.circuit.weight_shape)
        state.angles = torch.tensor(drawn, dtype=torch.float32)
        return state

    def fit(
        self, state: Fitted, x: torch.Tensor, y: torch.Tensor, settings: Settings, context: Context
    ) -> float:
        """Solve for the read-out by ridge regression."""
        with context.circuits(), torch.no_grad():
            z = exact_simulator(context).expval(state.circuit, x, state.angles).double()
        columns = torch.hstack([z, torch.ones(len(z), 1, dtype=torch.float64)])
        normal = columns.T @ columns + _RIDGE * torch.eye(columns.shape[1], dtype=torch.float64)
        found = torch.linalg.solve(normal, columns.T @ y.double())
        state.weight, state.bias = found[:-1].float(), found[-1:].float()
        return float(((columns @ found - y) ** 2).mean())

    def effort(self, problem: SearchProblem, trainings: int, settings: Settings, shots: int | None) -> Effort:
        """Bill one circuit a known point and proposal, and the pool."""
        circuit, known = self.circuit(problem, settings), proposals(problem, trainings)
        count = sum(known) + sum(min(POOL, problem.space.size - n) for n in known)
        flops = expectation.simulation_flops(circuit, count)
        return Effort(expectation.demand(circuit, count, shots), {"engine_call": 2.0 * len(known)}, flops)
