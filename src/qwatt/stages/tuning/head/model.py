"""The re-uploading head in torch: two circuits and one linear layer, trained end to end."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, prod
from typing import TYPE_CHECKING

from qwatt.core.method import Context, Ring, Settings
from qwatt.stages.tuning.head.circuits import HeadCircuits
from qwatt.stages.tuning.head.problem import Labels, Vectors

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.backends.base import QuantumBackend


@dataclass
class HeadWeights:
    """Trainable tensors.

    Args:
        module1: angles of the first circuit.
        module2: angles of the second circuit.
        readout: weight and bias of the linear layer on the measured Z, shape (2,).
    """

    module1: torch.Tensor
    module2: torch.Tensor
    readout: torch.Tensor

    @classmethod
    def draw(cls, circuits: HeadCircuits, context: Context) -> HeadWeights:
        """Draw angles from N(0, 0.3^2) with the trial's generator; the linear layer starts at (1, 0)."""
        import torch

        def angles(shape: tuple[int, ...]) -> torch.Tensor:
            return torch.tensor(context.rng.normal(0.0, 0.3, shape), dtype=torch.float32)

        readout = torch.tensor([1.0, 0.0])
        return cls(angles(circuits.module1.weight_shape), angles(circuits.module2.weight_shape), readout)

    def tensors(self) -> list[torch.Tensor]:
        """All trainable tensors."""
        return [self.module1, self.module2, self.readout]

    @staticmethod
    def count(circuits: HeadCircuits) -> int:
        """Number of parameters: all angles, one weight and one bias."""
        return prod(circuits.module1.weight_shape) + prod(circuits.module2.weight_shape) + 2


def encode(circuits: HeadCircuits, weights: HeadWeights, vectors: torch.Tensor) -> torch.Tensor:
    """Return module 1's angles, pi times Z, shape (batch, wires); simulated exactly, as the paper does.

    It is classical work on the host: nothing of it is charged to the QPU's bill.
    """
    from qwatt.quantum.engine import compile_circuit

    return pi * compile_circuit(circuits.module1).expval(vectors, weights.module1)


@dataclass
class Trainer:
    """Trains heads by Adam on the logistic loss, all sentences in every step.

    Args:
        circuits: the two circuits.
        backend: exact and differentiable; its recorder takes the QPU's bill.
        settings: "learning_rate" and "steps".
        context: energy windows; module 2 runs in "circuits" windows, module 1 in "encode" windows.
    """

    circuits: HeadCircuits
    backend: QuantumBackend
    settings: Settings
    context: Context

    def end_to_end(self, weights: HeadWeights, vectors: Vectors, labels: Labels) -> list[float]:
        """Train every angle and the linear layer in place; return the loss by step.

        The gradient is cut between the modules, so that what a QPU would do has windows of its own.
        """
        x, y = _tensors(vectors, labels)
        optimiser = self._optimiser(weights.tensors())
        losses = []
        for _ in range(int(self.settings["steps"])):
            with self.context.phase(Ring.LOADING, "encode"):
                angles = encode(self.circuits, weights, x)
                leaf = angles.detach().requires_grad_()
            with self.context.circuits():
                optimiser.zero_grad()
                loss = _loss(self._run(leaf, weights), weights, y)
                loss.backward()  # type: ignore[no-untyped-call]
            with self.context.phase(Ring.LOADING, "encode"):
                angles.backward(leaf.grad)  # type: ignore[no-untyped-call]
                optimiser.step()
            losses.append(float(loss.detach()))
        return losses

    def readout_alone(self, weights: HeadWeights, vectors: Vectors, labels: Labels) -> list[float]:
        """Train the linear layer in place; the circuits do not change, so that they run only once."""
        import torch

        x, y = _tensors(vectors, labels)
        with torch.no_grad():
            with self.context.phase(Ring.LOADING, "encode"):
                angles = encode(self.circuits, weights, x)
            with self.context.circuits():
                z = self._run(angles, weights)
        losses = []
        with self.context.phase(Ring.KERNEL, "train"):
            optimiser = self._optimiser([weights.readout])
            for _ in range(int(self.settings["steps"])):
                optimiser.zero_grad()
                loss = _loss(z, weights, y)
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                losses.append(float(loss.detach()))
        return losses

    def _run(self, angles: torch.Tensor, weights: HeadWeights) -> torch.Tensor:
        return self.backend.expval(self.circuits.module2, angles, weights.module2)[:, 0]

    def _optimiser(self, tensors: list[torch.Tensor]) -> torch.optim.Optimizer:
        import torch

        for tensor in tensors:
            tensor.requires_grad_()
        return torch.optim.Adam(tensors, lr=float(self.settings["learning_rate"]))


def _tensors(vectors: Vectors, labels: Labels) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    return torch.from_numpy(vectors), torch.from_numpy(labels).float()


def _loss(z: torch.Tensor, weights: HeadWeights, labels: torch.Tensor) -> torch.Tensor:
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(z * weights.readout[0] + weights.readout[1], labels)
