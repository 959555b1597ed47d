"""Search with a variational circuit as surrogate: a Fourier series in the settings (arXiv:2302.10298)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qwatt.core.effort import Effort
from qwatt.core.errors import QwattError
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend, exact_simulator
from qwatt.quantum.primitives import expectation, gradient
from qwatt.stages.architecture.search.method import COMMON, proposals
from qwatt.stages.architecture.search.problem import SearchProblem
from qwatt.stages.architecture.search.surrogate import POOL, SurrogateSearch, Values

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import engine
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import reupload
else:
    torch, engine = lazy("torch"), lazy("qwatt.quantum.engine")
    reupload = lazy("qwatt.quantum.circuits.reupload")
    _dynamo, _monitor = lazy("torch._dynamo"), lazy("torch.profiler._cupti_monitor")
    # torch imports these two at an optimiser's first step, which is inside an energy window

_MOST_WIRES = 14


@dataclass
class Fitted:
    """A circuit with its weights and a linear read-out.

    Args:
        circuit: one wire a choice.
        angles: shape `circuit.weight_shape`.
        weight: of Z of every wire, shape (wires,).
        bias: shape (1,).
    """

    circuit: Circuit
    angles: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor

    def losses(self, z: torch.Tensor) -> torch.Tensor:
        """Return predicted losses from Z of every wire, shape (points,)."""
        return z.to(self.weight.dtype) @ self.weight + self.bias


@method
class VqcSurrogate(SurrogateSearch):
    """Angles re-uploaded between entangling layers, one wire a choice; Z of all wires is read.

    Each proposal fits all known losses on the exact simulator, from the weights of the one before, and
    predicts with finite shots. The bill of a QPU holds what fitting there would take: two circuits a gate
    angle, point and step.
    """

    name: ClassVar[str] = "vqc-surrogate"
    kind: ClassVar[Kind] = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2302.10298", "arXiv:2008.08605")
    companions: ClassVar[tuple[str, ...]] = (
        "vqc-surrogate-separable",
        "vqc-surrogate-random",
        "fourier-surrogate",
        "random",
    )
    space: ClassVar[Mapping[str, Sequence[Any]]] = COMMON | {
        "reuploads": (2,),
        "layers": (2,),
        "steps": (50,),
        "learning_rate": (0.1,),
    }
    limits: ClassVar[Mapping[str, Any]] = {"reuploads": (1, 10), "layers": (1, 10), "steps": (1, 10_000)}
    entangle: ClassVar[bool] = True

    def circuit(self, problem: SearchProblem, settings: Settings) -> Circuit:
        """Return the circuit: a Fourier series of degree `reuploads` in every choice.

        Raises:
            QwattError: more choices than a simulation takes wires.
        """
        wires = len(problem.space.choices)
        if wires > _MOST_WIRES:
            what = f"a circuit with a wire for each of {wires} choices is too wide ({_MOST_WIRES} at most)"
            mend = "leave choices out, or name other methods by --method"
            raise QwattError(what, where=self.name, mend=mend)
        entangle = self.entangle and wires > 1
        return reupload.variational_layer(
            wires, int(settings["reuploads"]), int(settings["layers"]), entangle
        )

    def prepare(self, problem: SearchProblem, settings: Settings, context: Context) -> Fitted:
        """Draw weights: angles from N(0, 0.3^2), the read-out 1 for every wire."""
        circuit = self.circuit(problem, settings)
        engine.compile_circuit(circuit)
        drawn = context.rng.normal(0.0, 0.3, circuit.weight_shape)
        return Fitted(
            circuit, torch.tensor(drawn, dtype=torch.float32), torch.ones(circuit.wires), torch.zeros(1)
        )

    def predict(
        self,
        state: Fitted,
        angles: Values,
        losses: Values,
        pool: Values,
        settings: Settings,
        context: Context,
    ) -> Values:
        """Fit, and read the pool's points with the context's shots."""
        self.fit(state, torch.tensor(angles, dtype=torch.float32), torch.tensor(losses), settings, context)
        with torch.no_grad(), context.circuits():
            x = torch.tensor(pool, dtype=torch.float32)
            z = circuit_backend(context).expval(state.circuit, x, state.angles, shots=context.shots)
            return np.asarray(state.losses(z).numpy(), dtype=np.float64)

    def fit(
        self, state: Fitted, x: torch.Tensor, y: torch.Tensor, settings: Settings, context: Context
    ) -> float:
        """Train all weights in place by Adam on the squared error; return the last one."""
        backend = exact_simulator(context)
        weights = [state.angles, state.weight, state.bias]
        optimiser = torch.optim.Adam(
            [w.requires_grad_() for w in weights], lr=float(settings["learning_rate"])
        )
        error = torch.zeros(1)
        with context.circuits():
            for _ in range(int(settings["steps"])):
                optimiser.zero_grad()
                z = backend.expval(state.circuit, x, state.angles)
                error = ((state.losses(z) - y) ** 2).mean()
                error.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        return float(error.detach())

    def effort(self, problem: SearchProblem, trainings: int, settings: Settings, shots: int | None) -> Effort:
        """Bill every fit's steps and shifts, and the pool that is read after it."""
        circuit, size = self.circuit(problem, settings), problem.space.size
        known = proposals(problem, trainings)
        fitted, steps = sum(known), int(settings["steps"])
        read = sum(min(POOL, size - n) for n in known)
        demand = expectation.demand(circuit, fitted, shots).times(steps)
        demand += gradient.demand(circuit, fitted, shots).times(steps)
        demand += expectation.demand(circuit, read, shots)
        flops = expectation.simulation_flops(circuit, fitted * steps + read)
        flops += gradient.simulation_flops(circuit, fitted * steps)
        calls = 3.0 * steps * len(known) + len(known)
        return Effort(demand, {"engine_call": calls, "iteration": float(steps * len(known))}, flops)
