"""What is trained on sentences: a re-uploading circuit whose Z are logits, or a layer of as many weights.

Nothing classical is trained beside the circuit, so that all its optimisers move the same angles.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cache
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.training.optimise.problem import CircuitProblem, Held

if TYPE_CHECKING:
    import torch

    from qwatt.quantum import engine
    from qwatt.quantum.backends.engine import EngineBackend
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import reupload
else:
    torch, engine = lazy("torch"), lazy("qwatt.quantum.engine")
    reupload = lazy("qwatt.quantum.circuits.reupload")

_SPREAD = 0.3
"""Standard deviation of the weights that training starts from; radians, of angles."""


@dataclass(frozen=True)
class Classifier(ABC):
    """Maps a sentence's angles to logits; `exact` is what a simulator or the host itself computes.

    Args:
        classes: number of classes; two are told apart by one read-out, more by one each.
        scale: logit that a read-out of 1 stands for.
    """

    classes: int
    scale: float

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of the trained weights."""

    @abstractmethod
    def exact(
        self, x: torch.Tensor, weights: torch.Tensor, simulator: EngineBackend | None = None
    ) -> torch.Tensor:
        """Return the read-outs, shape (sentences, readouts), with a gradient.

        Args:
            x: angles of the sentences, shape (sentences, inputs), radians.
            weights: shape `shape`.
            simulator: where a circuit is computed, which is charged to no QPU; the plain engine when None.
        """

    @property
    def parameters(self) -> int:
        """Number of trained weights P."""
        return prod(self.shape)

    @property
    def readouts(self) -> int:
        """Number of read-outs."""
        return 1 if self.classes == 2 else self.classes

    def start(self, seed: int) -> torch.Tensor:
        """Return the weights that every optimiser of a seed starts from, normal with a spread of 0.3."""
        rng = np.random.default_rng([seed, 11])
        return torch.as_tensor(rng.normal(0.0, _SPREAD, self.shape), dtype=torch.float32)

    def logits(self, z: torch.Tensor) -> torch.Tensor:
        """Return a logit for each class, shape (..., classes), of read-outs (..., readouts)."""
        scaled = self.scale * z
        return torch.cat([-scaled, scaled], dim=-1) / 2 if self.classes == 2 else scaled

    def loss(self, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Return the mean cross-entropy in nats, shape (...,), of read-outs (..., sentences, readouts)."""
        logged = torch.log_softmax(self.logits(z), dim=-1)
        picked = logged.gather(-1, labels.expand(logged.shape[:-1])[..., None])
        return -picked[..., 0].mean(-1)

    def held(self, z: torch.Tensor, labels: torch.Tensor) -> Held:
        """Return loss and accuracy of a part's read-outs."""
        right = self.logits(z).argmax(-1) == labels
        return Held(float(self.loss(z, labels)), float(right.double().mean()), len(labels))


@dataclass(frozen=True)
class CircuitClassifier(Classifier):
    """A circuit whose Z are read.

    Args:
        circuit: takes a sentence's angles; every weight is the angle of one rotation.
    """

    circuit: Circuit

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the circuit's angles."""
        return self.circuit.weight_shape

    def exact(
        self, x: torch.Tensor, weights: torch.Tensor, simulator: EngineBackend | None = None
    ) -> torch.Tensor:
        """Simulate the circuit exactly: classical work on the host, of which a QPU is charged nothing."""
        compile_circuit = engine.compile_circuit if simulator is None else simulator.compiled
        return compile_circuit(self.circuit).expval(x, weights).to(x.device)


@dataclass(frozen=True)
class MlpClassifier(Classifier):
    """One hidden layer of tanh on the angles.

    Args:
        inputs: angles of a sentence.
        hidden: units.
    """

    inputs: int
    hidden: int

    @property
    def shape(self) -> tuple[int, ...]:
        """All weights and biases in a row."""
        return (self.hidden * (self.inputs + 1) + self.readouts * (self.hidden + 1),)

    def exact(
        self, x: torch.Tensor, weights: torch.Tensor, simulator: EngineBackend | None = None
    ) -> torch.Tensor:
        """Compute the layer, which needs no simulator."""
        sizes = [self.hidden * self.inputs, self.hidden, self.readouts * self.hidden, self.readouts]
        first, shift, last, bias = torch.split(weights, sizes)
        hidden = torch.tanh(torch.nn.functional.linear(x, first.view(self.hidden, -1), shift))
        return torch.nn.functional.linear(hidden, last.view(self.readouts, -1), bias)


def model_of(problem: CircuitProblem, name: str) -> Classifier:
    """Return the model of a name: "circuit", "separable" without entanglers, or "mlp" of no more weights."""
    size, classes = problem.circuit, len(problem.classes)
    circuit = _reading(size.wires, size.uploads, size.layers, name == "circuit", classes)
    if name != "mlp":
        return CircuitClassifier(classes, size.logit_scale, circuit)
    readouts = len(circuit.readout)
    hidden = (prod(circuit.weight_shape) - readouts) // (size.wires + 1 + readouts)
    return MlpClassifier(classes, 1.0, size.wires, max(1, hidden))


@cache
def _reading(wires: int, uploads: int, layers: int, entangle: bool, classes: int) -> Circuit:
    whole = reupload.variational_layer(wires, uploads, layers, entangle)
    return replace(whole, measured=tuple(range(1 if classes == 2 else classes)))
