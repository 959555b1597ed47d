"""The two circuits of the re-uploading head and the linear layer behind them (arXiv:2504.08732, figure 1)."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.lazy import lazy
from qwatt.stages.tuning.head.problem import Labels

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.backends.engine import EngineBackend
    from qwatt.quantum.circuit import Circuit
else:
    torch = lazy("torch")


@dataclass(frozen=True)
class Modules:
    """The two circuits of figure 1.

    Args:
        first: amplitudes and a ring ansatz; Z of its first wires, times pi, are angles. Runs on the host.
        second: takes these angles, again and again between trainable layers. The QPU's part.
        encoders: E of the first circuit, each with angles of its own, share out the second's inputs.
        outputs: number of logits.
        joined: whether every logit weighs all read-outs; else each has its own.
    """

    first: Circuit
    second: Circuit
    encoders: int = 1
    outputs: int = 1
    joined: bool = False

    @property
    def layer_shape(self) -> tuple[int, ...]:
        """Weights from read-outs to logits."""
        readouts = len(self.second.readout)
        return (readouts, self.outputs) if self.joined else (readouts,)


def head_count(classes: int, modules: Modules) -> int:
    """Return 1, or the number of classes where one head has not a logit for each."""
    return 1 if classes in (2, modules.outputs) else classes


def targets_of(labels: Labels, classes: int, modules: Modules) -> list[torch.Tensor]:
    """Return what each head learns: the classes' numbers, or of one logit 1 or 0, (sentences, 1)."""
    if modules.outputs > 1:
        return [torch.from_numpy(labels)]
    positive = [1] if classes == 2 else range(classes)
    return [torch.from_numpy((labels == one).astype(np.float32)[:, None]) for one in positive]


def logits_of(z: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Weigh read-outs to logits.

    Args:
        z: shape (batch, read-outs).
        weight: shape (read-outs,), a logit each, or (read-outs, logits).
        bias: shape (logits,).
    """
    return (z @ weight if weight.ndim > 1 else z * weight) + bias


def loss_of(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the logistic loss of one logit, or the cross-entropy of several."""
    functional = torch.nn.functional
    if logits.shape[1] == 1:
        return functional.binary_cross_entropy_with_logits(logits, targets)
    return functional.cross_entropy(logits, targets)


def draw(modules: Modules, rng: np.random.Generator) -> list[torch.Tensor]:
    """Return both modules' angles from N(0, 0.3^2), and a linear layer of ones without bias."""
    shapes = ((modules.encoders, *modules.first.weight_shape), modules.second.weight_shape)
    angles = [torch.tensor(rng.normal(0.0, 0.3, shape), dtype=torch.float32) for shape in shapes]
    return [*angles, torch.ones(modules.layer_shape), torch.zeros(modules.outputs)]


def encode(
    modules: Modules, angles1: torch.Tensor, x: torch.Tensor, simulator: EngineBackend
) -> torch.Tensor:
    """Return module 1's output, pi times Z, shape (batch, wires); simulated exactly, as the paper does.

    It is classical work on the host, or its GPU: nothing is charged to the QPU's bill.
    """
    compiled = simulator.compiled(modules.first)
    own = angles1.reshape(modules.encoders, *modules.first.weight_shape)
    found = [compiled.expval(x, angles) for angles in own]
    return pi * torch.cat(found, 1)[:, : modules.second.wires].to(x.device)
