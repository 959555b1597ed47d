"""The hybrid layer: features re-uploaded into a trainable circuit between two linear maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context, Kind
from qwatt.core.registry import method
from qwatt.quantum.primitives import expectation, gradient
from qwatt.stages.architecture.layer.graft import Graft, LayerGraft
from qwatt.stages.architecture.layer.method import LayerMethod
from qwatt.stages.architecture.layer.settings import Setup

if TYPE_CHECKING:
    from qwatt import torch as layers
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import reupload as circuits
    from qwatt.torch import execute as executing
else:
    layers, circuits = lazy("qwatt.torch"), lazy("qwatt.quantum.circuits.reupload")
    executing = lazy("qwatt.torch.execute")


@method
class HybridQnn(LayerMethod):
    """Linear down to qubits, a re-uploading circuit whose Z are read, linear up; one circuit a token.

    Trained end to end in exact simulation; the loss on validation and held-back text is with finite shots.
    The QPU's bill holds what training on a QPU would take: two circuits a shifted angle, token and step.
    """

    name = "hybrid-qnn"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:1907.02085", "arXiv:1804.00633", "arXiv:2403.07059")
    companions: ClassVar[tuple[str, ...]] = (
        "hybrid-qnn-separable",
        "hybrid-qnn-random",
        "fourier",
        "low-rank",
        "mlp",
    )
    entangle: ClassVar[bool] = True
    trains_angles: ClassVar[bool] = True

    def graft(self, setup: Setup, context: Context) -> Graft:
        """Return the quantum layer, its circuits run on the trial's backend inside windows of their own."""
        shape = setup.shape
        layer = layers.QuantumLayer(
            setup.frozen.hidden_size,
            shape.qubits,
            reuploads=shape.reuploads,
            layers=shape.layers,
            entangle=self.entangle,
            trained=self.trains_angles,
            shots=context.shots,
            execute=executing.execute_in(context),
            **setup.options,
        )
        return LayerGraft(layer)

    def circuit_effort(self, setup: Setup, rows: int, shots: int | None) -> Effort:
        """Bill one circuit a token."""
        circuit = self.circuit(setup)
        demand = expectation.demand(circuit, rows, shots)
        return Effort(demand, {"engine_call": 1.0}, expectation.simulation_flops(circuit, rows))

    def training_effort(self, setup: Setup, shots: int | None) -> Effort:
        """Bill the parameter shifts of a step: of all angles that are trained, and of the features."""
        circuit, rows = self.circuit(setup), setup.rows
        demand = gradient.demand(circuit, rows, shots, weights=self.trains_angles, inputs=True)
        return Effort(demand, {"engine_call": 2.0}, gradient.simulation_flops(circuit, rows))

    def circuit(self, setup: Setup) -> Circuit:
        """Return the circuit of a token."""
        shape = setup.shape
        return circuits.variational_layer(shape.qubits, shape.reuploads, shape.layers, self.entangle)
