"""Adapters whose factors a circuit generates, through a small network, during training only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.demand import Demand
from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend, exact_simulator
from qwatt.quantum.primitives import expectation, gradient
from qwatt.stages.tuning.adapt.generated_method import GeneratedMethod
from qwatt.stages.tuning.adapt.generator import Sizes, Source
from qwatt.stages.tuning.adapt.settings import Setup

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import ansaetze
    from qwatt.torch import windowed
else:
    torch, windowed = lazy("torch"), lazy("qwatt.torch.windowed")
    ansaetze = lazy("qwatt.quantum.circuits.ansaetze")


@method
class QuantumParameterised(GeneratedMethod):
    """The probabilities of a trained circuit's basis states make the entries of all LoRA factors.

    The circuit is trained in exact simulation; the factors that are merged come from finite shots. The bill
    holds what training on a QPU would take. Beside the published form: the network has tanh between its maps,
    bits keep their order, probabilities are given as they are, and all matrices are adapted, not the head.
    """

    name = "quantum-parameterised"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2410.09846", "arXiv:1704.05018 (the circuit)")
    companions: ClassVar[tuple[str, ...]] = (
        "quantum-parameterised-separable",
        "quantum-parameterised-random",
        "product-parameterised",
        "mlp-parameterised",
        "lora",
    )
    entangle: ClassVar[bool] = True
    trains_angles: ClassVar[bool] = True

    def source(self, setup: Setup, context: Context) -> Source:
        """Return the circuit, run on the trial's backend inside windows of their own."""
        return CircuitSource(self.circuit(setup), self.trains_angles, context)

    def circuit(self, setup: Setup) -> Circuit:
        """Return the circuit."""
        return ansaetze.hardware_efficient(Sizes(setup).qubits, setup.shape.layers, self.entangle)

    def adapter_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Bill a circuit a step, its parameter shifts, and the last reading."""
        circuit, steps = self.circuit(setup), setup.steps
        demands = [expectation.demand(circuit, 1, shots, "probs").times(steps + 1)]
        flops = expectation.simulation_flops(circuit, 1) * (steps + 1)
        calls = steps + 1.0
        if self.trains_angles:
            demands.append(gradient.demand(circuit, 1, shots).times(steps))
            flops += gradient.simulation_flops(circuit, 1) * steps
            calls += 2.0 * steps
        own = Effort(Demand.sum(demands), {"engine_call": calls}, flops)
        return super().adapter_effort(setup, shots) + own


class CircuitSource(Source):
    """Probabilities of a circuit's basis states.

    Args:
        circuit: without inputs.
        trained: whether its angles are.
        context: the trial's backend, shots and windows.
    """

    def __init__(self, circuit: Circuit, trained: bool, context: Context) -> None:
        self._circuit, self._context = circuit, context
        self._exact, self._measured = exact_simulator(context), circuit_backend(context)
        start = (2 * torch.rand(circuit.weight_shape) - 1) * torch.pi
        self._angles = torch.nn.Parameter(start, requires_grad=trained)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return the angles, if they are trained."""
        return [self._angles] if self._angles.requires_grad else []

    def probabilities(self) -> torch.Tensor:
        """Simulate the circuit, differentiably."""

        def call(_: Any, angles: torch.Tensor) -> torch.Tensor:
            return self._exact.probs(self._circuit, None, angles)

        return windowed.in_windows(call, self._context.circuits, torch.zeros(0), self._angles)[0]

    def read(self) -> torch.Tensor:
        """Measure with the trial's shots."""
        with self._context.circuits():
            angles = self._angles.detach()
            return self._measured.probs(self._circuit, None, angles, self._context.shots, self._context.rng)[
                0
            ]
