"""Quantum natural gradient (1909.02108): the step, and the metric as a QPU measures it.

On the engine the metric comes from `qwatt.quantum.engine.metric.fubini_study`; PennyLane's QNGOptimizer does
the same for
a QNode of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

Fidelity = Callable[[Tensor, Tensor], Tensor]
"""Called with two stacks of weights (k, *weight_shape); returns the k overlaps |<psi(a)|psi(b)>|^2."""


def natural_step(
    weights: Tensor, gradient: Tensor, metric: Tensor, learning_rate: float, regularisation: float = 1e-2
) -> Tensor:
    """Return weights - learning_rate * (metric + regularisation)^-1 gradient (1909.02108, equation 5).

    Args:
        weights: any shape with P entries.
        gradient: same shape.
        metric: Fubini-Study metric, shape (P, P), or (batch, P, P) to be averaged over the data.
        learning_rate: eta.
        regularisation: added to the diagonal.
    """
    mean = metric.mean(0) if metric.ndim == 3 else metric
    damped = mean + regularisation * torch.eye(len(mean), dtype=mean.dtype, device=mean.device)
    move = torch.linalg.solve(damped, gradient.detach().reshape(-1).to(mean))
    moved: Tensor = weights.detach() - learning_rate * move.reshape(weights.shape).to(weights)
    return moved


def overlap_metric(fidelity: Fidelity, weights: Tensor) -> Tensor:
    """Measure the metric from overlaps at shifted weights, as a QPU would (2008.06517): P (2P - 1) overlaps.

    g_ij = (F(+,-) + F(-,+) - F(+,+) - F(-,-))/8 with shifts of pi/2, g_ii = (1 - F(pi))/4. Every weight
    must be the angle of exactly one rotation.

    Returns:
        Fubini-Study metric, shape (P, P).
    """
    size, half = weights.numel(), math.pi / 2
    unit = torch.eye(size, dtype=weights.dtype)
    pairs = [(i, j) for i in range(size) for j in range(i)]
    moves = [2 * half * unit[i] for i in range(size)]
    moves += [half * (a * unit[i] + b * unit[j]) for i, j in pairs for a, b in _CORNERS]
    stacked = torch.stack(moves).reshape(-1, *weights.shape)
    with torch.no_grad():
        values = fidelity(weights.expand_as(stacked), weights + stacked)
    metric = torch.diag((1 - values[:size]) / 4)
    for (i, j), (pp, mm, pm, mp) in zip(pairs, values[size:].reshape(-1, 4), strict=True):
        metric[i, j] = metric[j, i] = (pm + mp - pp - mm) / 8
    return metric


_CORNERS = ((1, 1), (-1, -1), (1, -1), (-1, 1))
