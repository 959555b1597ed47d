"""A circuit as a QPU shows it: losses, gradients, overlaps and metrics, all of them from finite shots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.stages.training.optimise.batches import Batch
from qwatt.stages.training.optimise.classifier import CircuitClassifier

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.algorithms import block_metric, gradients, natural_gradient
    from qwatt.quantum.backends import stacked
    from qwatt.quantum.backends.base import QuantumBackend
else:
    torch = lazy("torch")
    block_metric = lazy("qwatt.quantum.algorithms.block_metric")
    gradients = lazy("qwatt.quantum.algorithms.gradients")
    natural_gradient = lazy("qwatt.quantum.algorithms.natural_gradient")
    stacked = lazy("qwatt.quantum.backends.stacked")


@dataclass(frozen=True)
class Measured:
    """What can be asked of a QPU; every answer is charged to the backend and carries shot noise.

    Args:
        model: the circuit and what its Z mean.
        backend: where it runs.
        context: the trial's, for its shots and windows.
    """

    model: CircuitClassifier
    backend: QuantumBackend
    context: Context

    def z(self, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Return Z of sentences x (batch, wires) at weights (sets, *shape): (sets, batch, readouts)."""
        with self.context.circuits():
            return stacked.stacked_expval(self.backend, self.model.circuit, x, weights, self.context.shots)

    def losses(self, weights: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the loss at every set of weights, shape (sets,)."""
        return self.model.loss(self.z(batch.x, weights), batch.labels)

    def gradient(self, weights: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return the loss's gradient by the parameter-shift rule and the chain rule (arXiv:1811.11184)."""
        z = self.z(batch.x, weights[None])[0].requires_grad_()
        with torch.enable_grad():
            (outer,) = torch.autograd.grad(self.model.loss(z, batch.labels), z)
        inner = gradients.parameter_shift(self.model.circuit, lambda w: self.z(batch.x, w), weights)
        return (inner * outer).flatten(weights.ndim).sum(-1)

    def fidelities(self, x: torch.Tensor, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Return the overlaps of the states at two stacks of weights, shape (pairs,), averaged over x."""
        with self.context.circuits():
            found = stacked.weight_fidelities(
                self.backend, self.model.circuit, x, first, second, self.context.shots
            )
        return found.mean(1)

    def metric(self, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Return the whole metric, (P, P), from P (2 P - 1) overlaps a sentence (arXiv:2008.06517)."""
        return natural_gradient.overlap_metric(lambda a, b: self.fidelities(x, a, b), weights)

    def block_metric(self, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Return the metric's blocks, (P, P), from one circuit a block and sentence (arXiv:1909.02108)."""
        with self.context.circuits():
            return block_metric.block_metric(self.backend, self.model.circuit, x, weights, self.context.shots)
