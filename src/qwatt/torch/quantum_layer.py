"""The quantum layer: data are re-uploaded into a trainable circuit, and Z of every qubit is read."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, pi, prod
from typing import Any

import torch
from torch import Tensor, nn

from qwatt.core.demand import Demand
from qwatt.core.errors import QwattError
from qwatt.quantum.backends.base import QuantumBackend
from qwatt.quantum.backends.choose import get_circuit_backend
from qwatt.quantum.backends.engine import EngineBackend
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.reupload import variational_layer
from qwatt.torch.bottleneck import Bottleneck

Execute = Callable[[Circuit, Tensor, Tensor, int | None], Tensor]
"""From a circuit, its inputs (rows, qubits), its angles and the shots (None: exact) to Z, (rows, qubits)."""


_SPREAD = 0.1
MOST_QUBITS = 24
"""Qubits that the engine is asked for: more do not fit in memory with a batch and its gradient."""


class CircuitMap(nn.Module):
    """Z of every qubit of `reuploads` times [RY(z_i), `layers` strongly entangling layers].

    Exact in training mode, where it is differentiated; read with `shots` in evaluation mode.

    Args:
        qubits: number of qubits and of features.
        reuploads: how often the features enter the circuit (arXiv:1907.02085).
        layers: entangling layers behind each of them (arXiv:1804.00633), with angles of their own.
        entangle: False leaves the CNOTs out.
        trained: False freezes the angles where they were drawn.
        shots: shots of a circuit in evaluation mode; None for exact values.
        execute: runs the circuit; see `Execute`.
    """

    def __init__(
        self,
        qubits: int,
        reuploads: int,
        layers: int,
        entangle: bool,
        trained: bool,
        shots: int | None,
        execute: Execute,
    ) -> None:
        super().__init__()
        self.shape, self.entangle = (qubits, reuploads, layers), entangle
        self.shots, self.execute = shots, execute
        angles = pi * torch.randn(self.circuit.weight_shape)  # what is not trained is to be any circuit
        if trained:
            angles *= _SPREAD / pi
            angles[-1, -1, :, 1] += pi / 2
        self.angles = nn.Parameter(angles, requires_grad=trained)

    @property
    def circuit(self) -> Circuit:
        """The circuit; not kept, as its function cannot be pickled."""
        qubits, reuploads, layers = self.shape
        return variational_layer(qubits, reuploads, layers, self.entangle)

    def forward(self, z: Tensor) -> Tensor:
        """Return expectation values, shape (rows, qubits), of angles z of that shape."""
        found = self.execute(self.circuit, z, self.angles, None if self.training else self.shots)
        return found.to(device=z.device, dtype=z.dtype)


class BackendExecute:
    """Runs circuits on a backend, by default the built-in engine on the device of the inputs.

    Args:
        spec: what `--backend` takes, or None.
    """

    def __init__(self, spec: str | None) -> None:
        self.spec = spec
        self.backend: QuantumBackend | None = None if spec is None else get_circuit_backend(spec)

    def __call__(self, circuit: Circuit, z: Tensor, angles: Tensor, shots: int | None) -> Tensor:
        """Return Z of every qubit, shape (rows, qubits)."""
        if self.backend is None or (self.spec is None and self.backend.name != _engine_name(z)):
            recorder = None if self.backend is None else self.backend.recorder
            self.backend = EngineBackend(device=str(z.device), recorder=recorder, gates="auto")
        return self.backend.expval(circuit, z, angles, shots=shots)


class QuantumLayer(Bottleneck):
    """A hybrid layer for any hidden size: linear down to qubits, a re-uploading circuit, linear up.

    `x + gain * up(Z(pi / 2 * tanh(down(x / rms(x)))))`, differentiable in all of it, at first the identity.

        layer = QuantumLayer(model.config.hidden_size, qubits=6)
        with attached(model, layer, block=-1): ...

    In training mode expectation values are exact, as a simulator has them; in evaluation mode they are read
    with `shots`, as a QPU has them. What a QPU would have executed so far is `demand`: one circuit a row, and
    for each backward pass two a shifted angle and row.

    Args:
        hidden_size: width of the residual stream.
        qubits: qubits, which are read in Z.
        reuploads: how often the features enter the circuit.
        layers: strongly entangling layers after each of them.
        entangle: False leaves every CNOT out.
        trained: False freezes the circuit's angles where they were drawn.
        residual: False for the replacement of a feed-forward block, instead of an adapter.
        gain: how large the residual stream is; see `Bottleneck`.
        shots: shots of a circuit in evaluation mode; None for exact values.
        backend: what `--backend` takes, such as "noisy:ibm_kingston"; the engine by default.
        execute: runs the circuits instead of a backend.

    Raises:
        QwattError: a circuit that cannot be, or is too wide for the engine; no such backend; in evaluation
            mode, a gradient is asked for of finite shots.
    """

    def __init__(
        self,
        hidden_size: int,
        qubits: int = 6,
        *,
        reuploads: int = 2,
        layers: int = 2,
        entangle: bool = True,
        trained: bool = True,
        residual: bool = True,
        gain: float = 1.0,
        shots: int | None = None,
        backend: str | None = None,
        execute: Execute | None = None,
    ) -> None:
        simulated = execute is None and backend is None
        _check("qubits", qubits, MOST_QUBITS if simulated else inf)
        _check("reuploads", reuploads)
        _check("layers", layers)
        run = execute or BackendExecute(backend)
        circuit = CircuitMap(qubits, reuploads, layers, entangle, trained, shots, run)
        super().__init__(hidden_size, qubits, circuit, scale=pi / 2, residual=residual, gain=gain)

    @property
    def circuit(self) -> Circuit:
        """The circuit that a QPU executes for every row."""
        return self._map.circuit

    @property
    def demand(self) -> Demand:
        """What a QPU would have executed so far."""
        backend = getattr(self._map.execute, "backend", None)
        return Demand() if backend is None else backend.recorder.demand

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build it again; where its circuits run is not among them."""
        qubits, reuploads, layers = self._map.shape
        return super().config | {
            "qubits": qubits,
            "reuploads": reuploads,
            "layers": layers,
            "entangle": self._map.entangle,
            "trained": self._map.angles.requires_grad,
            "shots": self._map.shots,
        }

    @property
    def _map(self) -> CircuitMap:
        assert isinstance(self.map, CircuitMap)
        return self.map


def _check(what: str, value: int, most: float = inf) -> None:
    if not 1 <= value <= most:
        mend = "give 1 or more" if most == inf else f"give 1 to {most}, or a backend that runs more"
        raise QwattError(f"a quantum layer cannot have {value} {what}", where=what, mend=mend)


def quantum_parameters(hidden_size: int, qubits: int, reuploads: int, layers: int) -> int:
    """Return the trainable parameters of a `QuantumLayer`: two linear layers with biases, and the angles."""
    angles = prod(variational_layer(qubits, reuploads, layers).weight_shape)
    return 2 * hidden_size * qubits + qubits + hidden_size + angles


def _engine_name(z: Tensor) -> str:
    return EngineBackend(device=str(z.device)).name
