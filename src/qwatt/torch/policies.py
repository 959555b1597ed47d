"""Policies of reinforcement learning: from features of a state to one number an action."""

from __future__ import annotations

from math import pi

import torch
from torch import Tensor, nn

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.reupload import scaled_reupload
from qwatt.torch.quantum_layer import Execute

_SPREAD = 0.1


class CircuitPolicy(nn.Module):
    """Softmax over weighted Z of a re-uploading circuit with trainable input scaling (arXiv:2103.05577).

    Args:
        features: of a state, one a qubit.
        outputs: numbers that are returned.
        reuploads: how often the features enter.
        entangle: False leaves the CNOTs out.
        trained: False freezes the circuit's angles where they were drawn.
        shots: of a circuit where no gradient is wanted; None for exact values.
        execute: runs the circuit.
    """

    def __init__(
        self,
        features: int,
        outputs: int,
        reuploads: int,
        entangle: bool,
        trained: bool,
        shots: int | None,
        execute: Execute,
    ) -> None:
        super().__init__()
        self.shape, self.entangle, self.shots, self.execute = (features, reuploads), entangle, shots, execute
        angles = torch.randn(self.circuit.weight_shape) * (_SPREAD if trained else pi)
        if trained:
            angles[-1, -1, :, 1] += pi / 2
        self.angles = nn.Parameter(angles, requires_grad=trained)
        self.scaling = nn.Parameter(torch.ones(reuploads, features))
        self.up = nn.Linear(features, outputs)

    @property
    def circuit(self) -> Circuit:
        """The circuit; not kept, as its function cannot be pickled."""
        features, reuploads = self.shape
        return scaled_reupload(features, reuploads, 1, self.entangle)

    def forward(self, x: Tensor) -> Tensor:
        """Return numbers of shape (rows, outputs) for features of shape (rows, features)."""
        inputs = (self.scaling * torch.atan(x)[:, None]).flatten(1)
        read = self.execute(self.circuit, inputs, self.angles, self.shots)
        found: Tensor = self.up(read.to(x.dtype))
        return found


def circuit_policy_parameters(features: int, outputs: int, reuploads: int) -> int:
    """Return the trained parameters of a `CircuitPolicy`: angles, scalings, and weights of what is read."""
    return reuploads * features * (3 + 1) + (features + 1) * outputs


def mlp_policy(features: int, outputs: int, parameters: int) -> nn.Sequential:
    """Return linear, tanh, linear of about so many parameters."""
    hidden = max(1, round((parameters - outputs) / (features + 1 + outputs)))
    return nn.Sequential(nn.Linear(features, hidden), nn.Tanh(), nn.Linear(hidden, outputs))
