"""Quantum-relational distillation: fidelity kernels of projected states are aligned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.limits import Limit
from qwatt.core.method import Context, Kind, Settings
from qwatt.core.registry import method
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import kernel as kernels
from qwatt.stages.tuning.distil.gram import ROWS, Alignment, Kernel
from qwatt.stages.tuning.distil.method import DistilMethod
from qwatt.stages.tuning.distil.objective import Objective
from qwatt.stages.tuning.distil.settings import LIMITS, WITH_TERM, Setup

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
    from qwatt.torch import fidelity
else:
    torch, fidelity = lazy("torch"), lazy("qwatt.torch.fidelity")
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")

KERNEL_SPACE: Mapping[str, Sequence[Any]] = {**WITH_TERM, "qubits": (4,), "bandwidth": (0.5,)}
KERNEL_LIMITS: Mapping[str, Limit] = {**LIMITS, "qubits": (1, 12), "bandwidth": (1e-3, 100.0)}


@method
class QuantumRelational(DistilMethod):
    """The teacher's logits, and the fidelities between its projected states as the student's targets.

    States are encoded by an IQP map. Fidelities and their gradients are measured with finite shots, these by
    the shift rule: 2 + 4 G circuits a pair and step, with G gates that hold an angle. The circuits are for
    training alone: the student is a plain decoder.
    """

    name = "quantum-relational"
    kind = Kind.QUANTUM
    sources: ClassVar[tuple[str, ...]] = ("arXiv:2508.13054", "arXiv:1811.11184")
    companions: ClassVar[tuple[str, ...]] = ("quantum-relational-separable", "product-kernel", "relational")
    space: ClassVar[Mapping[str, Sequence[Any]]] = KERNEL_SPACE
    limits: ClassVar[Mapping[str, Limit]] = KERNEL_LIMITS
    entanglement: ClassVar[str] = "full"

    def objective(
        self, found: Setup, settings: Settings, states: torch.Tensor | None, context: Context
    ) -> Objective:
        """Return logits and aligned kernels."""
        assert states is not None
        qubits = int(settings["qubits"])
        term = Alignment(
            self.kernel(qubits, context),
            states,
            found.size.hidden,
            qubits,
            float(settings["bandwidth"]),
            context.rng,
        )
        return Objective(settings["mixing"], settings["temperature"], settings["weight"], term)

    def kernel(self, qubits: int, context: Context) -> Kernel:
        """Return the measured fidelity of the encodings."""
        circuit, backend = self.circuit(qubits), circuit_backend(context)

        def measure(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            with context.circuits():
                return backend.kernel(circuit, x.numpy(), y.numpy(), shots=context.shots)

        return lambda x, y: fidelity.measured_fidelities(measure, self.angles(x), self.angles(y))

    def angles(self, features: torch.Tensor) -> torch.Tensor:
        """Return the angles of the gates: the features, and the products of pairs that interact."""
        wires = features.shape[1]
        if self.entanglement == "none":
            return features
        first, second = zip(*feature_maps.pairs_of(wires, self.entanglement), strict=True)
        return torch.cat([features, features[:, list(first)] * features[:, list(second)]], 1)

    def circuit(self, qubits: int) -> Circuit:
        """Return the encoding of a token."""
        return feature_maps.phase_angles(qubits, self.entanglement)

    def step_effort(self, found: Setup, settings: Settings, shots: int | None) -> Effort:
        """Bill both Gram matrices, and the shifts of rows and of columns; each is simulated by two calls."""
        circuit = self.circuit(int(settings["qubits"]))
        count = min(2 * ROWS, found.size.step_tokens) // 2
        moved = 2 * circuit.n_inputs * count
        calls = ((count, count), (count, count), (moved, count), (count, moved))
        demands = [kernels.demand(circuit, rows, columns, shots) for rows, columns in calls]
        flops = sum(kernels.simulation_flops(circuit, rows, columns) for rows, columns in calls)
        parts = [Effort(demand) for demand in demands]
        return Effort.sum([*parts, Effort(work={"engine_call": 2.0 * len(calls)}, simulation_flops=flops)])
