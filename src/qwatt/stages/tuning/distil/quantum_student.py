"""A student with a quantum layer in the place of its last feed-forward part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.primitives import expectation, gradient
from qwatt.stages.tuning.distil.hinton import Hinton
from qwatt.stages.tuning.distil.method import DistilMethod
from qwatt.stages.tuning.distil.settings import Setup
from qwatt.stages.tuning.distil.student import Student

if TYPE_CHECKING:
    from qwatt import torch as layers
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import reupload as circuits
    from qwatt.torch import execute as executing
else:
    layers, circuits = lazy("qwatt.torch"), lazy("qwatt.quantum.circuits.reupload")
    executing = lazy("qwatt.torch.execute")

QUBITS, REUPLOADS, LAYERS = 4, 2, 1
"""Sizes of the circuit."""


@method
class QuantumStudent(DistilMethod):
    """Distilled from logits; one circuit a token, read in Z, stands between two linear maps.

    Trained in exact simulation, judged with finite shots. The bill holds what training on a QPU would take.
    Such a student needs its circuit at every token it ever predicts.
    """

    name = "quantum-student"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2505.13205", "arXiv:1907.02085")
    companions: ClassVar[tuple[str, ...]] = ("quantum-student-random", "mlp-student", "hinton")
    space: ClassVar[Mapping[str, Sequence[Any]]] = Hinton.space
    trains_angles: ClassVar[bool] = True

    def student(self, found: Setup, context: Context) -> Student:
        """Return a plain student with the layer to put into it."""
        layer = layers.QuantumLayer(
            found.size.hidden,
            QUBITS,
            reuploads=REUPLOADS,
            layers=LAYERS,
            trained=self.trains_angles,
            residual=False,
            shots=context.shots,
            execute=executing.execute_in(context),
        )
        return Student(super().student(found, context).model, layer)

    def step_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Bill a step's circuits, and the shifts of all angles that are trained and of the features."""
        circuit, rows = self.circuit(), found.size.step_tokens
        demand = gradient.demand(circuit, rows, shots, weights=self.trains_angles, inputs=True)
        flops = gradient.simulation_flops(circuit, rows)
        return self.reading_effort(found, rows, shots) + Effort(demand, {"engine_call": 2.0}, flops)

    def reading_effort(self, found: Setup, tokens: int, shots: int | None) -> Effort:
        """Bill one circuit a token."""
        circuit = self.circuit()
        demand = expectation.demand(circuit, tokens, shots)
        return Effort(demand, {"engine_call": 1.0}, expectation.simulation_flops(circuit, tokens))

    def circuit(self) -> Circuit:
        """Return the circuit of a token."""
        return circuits.variational_layer(QUBITS, REUPLOADS, LAYERS)


@method
class RandomStudent(QuantumStudent):
    """Control: the same student with angles drawn once; the two linear maps are trained."""

    name = "quantum-student-random"
    kind = Kind.CONTROL
    sources = ("the random-circuit ablation of arXiv:2403.07059",)
    companions = ()
    trains_angles = False
