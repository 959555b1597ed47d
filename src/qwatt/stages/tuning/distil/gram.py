"""A term that aligns kernel matrices: of the student's projected states with those of the teacher's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

ROWS = 8
"""Tokens of a step that are compared with as many others: every pair is a circuit of its own."""

Kernel = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""From features (rows, qubits) and (columns, qubits) to the kernel of all pairs, differentiable."""


class Alignment:
    """Mean squared difference between the kernel matrices of both, over few tokens drawn anew each time.

    The teacher's states are projected to their leading whitened components; the student's by a linear map
    that is trained along, and thrown away.

    Args:
        kernel: of features.
        states: of the teacher, shape (windows, context, width).
        width: of the student's states.
        qubits: features.
        bandwidth: standard deviation of the teacher's features, which are angles (arXiv:2111.05451).
        rng: draws the tokens.
    """

    def __init__(
        self,
        kernel: Kernel,
        states: torch.Tensor,
        width: int,
        qubits: int,
        bandwidth: float,
        rng: np.random.Generator,
    ) -> None:
        self.kernel, self.rng, self.bandwidth = kernel, rng, bandwidth
        flat = states.flatten(0, 1).double()
        self.centre = flat.mean(0)
        axes = torch.linalg.eigh((flat - self.centre).T @ (flat - self.centre) / len(flat))
        leading = axes.eigenvectors[:, -qubits:] / axes.eigenvalues[-qubits:].clamp_min(1e-12).sqrt()
        self.axes, self.centre = leading.float(), self.centre.float()
        self.map = torch.nn.Linear(width, qubits)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Return the weights of the student's projection."""
        return list(self.map.parameters())

    def loss(self, student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        """Return the loss of two groups of tokens, each of one against each of the other."""
        count = min(2 * ROWS, len(student)) // 2
        rows = torch.from_numpy(self.rng.choice(len(student), 2 * count, replace=False))
        own = self.bandwidth * self.map(student[rows])
        wanted = self.bandwidth * (teacher[rows] - self.centre) @ self.axes
        with torch.no_grad():
            target = self.kernel(wanted[:count], wanted[count:])
        return torch.nn.functional.mse_loss(self.kernel(own[:count], own[count:]), target)


def product_fidelity(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return prod cos^2((x_i - y_i) / 2) of all pairs: the fidelity of product states with phases x and y."""
    return torch.cos((x[:, None] - y[None]) / 2).square().prod(-1)
