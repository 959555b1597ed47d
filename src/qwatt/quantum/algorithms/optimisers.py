"""Steps of optimisers that count circuits: SPSA, quantum natural SPSA, quantum natural gradient.

PennyLane's own SPSA, QN-SPSA and QNG optimisers take QNodes of `pennylane.numpy`; these take any function of
stacked torch weights, so that a whole step is one batched call of the engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from qwatt.core.demand import Demand
from qwatt.quantum.algorithms.gradients import Evaluate
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.demand import circuit_line

Fidelity = Callable[[Tensor, Tensor], Tensor]
"""Called with two stacks of weights (k, *weight_shape); returns the k overlaps |<psi(a)|psi(b)>|^2."""


class Spsa:
    """Simultaneous perturbation (Spall 1992): two losses a step, whatever the number of weights.

    Args:
        loss: loss of stacked weights, (k, *weight_shape) -> (k,).
        learning_rate: a, the first step's; later ones fall as (step + 1 + stability)^-alpha.
        perturbation: c, the first step's; later ones fall as (step + 1)^-gamma.
        alpha: decay of the learning rate.
        gamma: decay of the perturbation.
        stability: A, delays the decay of the learning rate.
        seed: of the random signs.
    """

    def __init__(
        self,
        loss: Evaluate,
        learning_rate: float = 0.05,
        perturbation: float = 0.1,
        *,
        alpha: float = 0.602,
        gamma: float = 0.101,
        stability: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.loss, self.learning_rate, self.perturbation = loss, learning_rate, perturbation
        self.alpha, self.gamma, self.stability = alpha, gamma, stability
        self.generator = torch.Generator().manual_seed(seed)
        self.steps = 0

    def gradient(self, weights: Tensor) -> Tensor:
        """Return one estimate of the gradient, shape of the weights."""
        size = self.perturbation / (self.steps + 1) ** self.gamma
        signs = self._signs(weights)
        losses = self.loss(torch.stack([weights + size * signs, weights - size * signs]))
        slope: Tensor = (losses[0] - losses[1]) / (2 * size) * signs
        return slope

    def step(self, weights: Tensor) -> Tensor:
        """Return the next weights."""
        with torch.no_grad():
            rate = self.learning_rate / (self.steps + 1 + self.stability) ** self.alpha
            moved: Tensor = weights - rate * self._direction(weights)
        self.steps += 1
        return moved

    def _direction(self, weights: Tensor) -> Tensor:
        return self.gradient(weights)

    def _signs(self, weights: Tensor) -> Tensor:
        bits = torch.randint(0, 2, weights.shape, generator=self.generator)
        return (2 * bits - 1).to(weights)


class QnSpsa(Spsa):
    """Quantum natural SPSA (2103.09232): SPSA whose gradient is divided by a running estimate of the metric.

    Two losses and four overlaps a step. The metric is the Fubini-Study metric, of which one sample is
    -dF/(8 eps^2) (h1 h2^T + h2 h1^T) for random signs h1, h2; the mean over all steps, started from the
    identity, is made positive by the absolute value of its eigenvalues and regularised.

    Args:
        loss: see `Spsa`.
        fidelity: overlaps of stacked weights.
        learning_rate: constant unless alpha is given.
        perturbation: of losses and overlaps.
        regularisation: added to every eigenvalue.
        resamplings: samples of the metric a step.
        alpha: decay of the learning rate.
        gamma: decay of the perturbation.
        seed: of the random signs.
    """

    def __init__(
        self,
        loss: Evaluate,
        fidelity: Fidelity,
        learning_rate: float = 0.05,
        perturbation: float = 0.1,
        *,
        regularisation: float = 0.1,
        resamplings: int = 1,
        alpha: float = 0.0,
        gamma: float = 0.0,
        seed: int = 0,
    ) -> None:
        super().__init__(loss, learning_rate, perturbation, alpha=alpha, gamma=gamma, seed=seed)
        self.fidelity, self.regularisation, self.resamplings = fidelity, regularisation, resamplings
        self.metric: Tensor | None = None

    def metric_sample(self, weights: Tensor) -> Tensor:
        """Return one unbiased sample (for a small perturbation) of the metric, shape (P, P)."""
        size = self.perturbation / (self.steps + 1) ** self.gamma
        first, second = self._signs(weights), self._signs(weights)
        moves = torch.stack([first + second, first, second - first, -first])
        values = self.fidelity(weights.expand_as(moves), weights + size * moves)
        change = values[0] - values[1] - values[2] + values[3]
        outer = torch.outer(first.reshape(-1), second.reshape(-1))
        found: Tensor = -change / (8 * size**2) * (outer + outer.T)
        return found

    def _direction(self, weights: Tensor) -> Tensor:
        samples = torch.stack([self.metric_sample(weights) for _ in range(self.resamplings)]).mean(0)
        before = torch.eye(weights.numel()).to(samples) if self.metric is None else self.metric
        self.metric = (before * (self.steps + 1) + samples) / (self.steps + 2)
        values, vectors = torch.linalg.eigh(self.metric)
        inverse = (vectors / (values.abs() + self.regularisation)) @ vectors.T
        direction: Tensor = (inverse @ self.gradient(weights).reshape(-1)).reshape(weights.shape)
        return direction


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


def spsa_demand(circuit: Circuit, samples: int, steps: int, *, shots: int) -> Demand:
    """Return the bill of SPSA: 2 circuits a sample and step."""
    return Demand.of(circuit_line(circuit, 2 * samples * steps, shots, "spsa"))


def qnspsa_demand(circuit: Circuit, samples: int, steps: int, *, shots: int, overlaps: int = 4) -> Demand:
    """Return the bill of QN-SPSA: 2 circuits a sample and step, and `overlaps` compute-uncompute a step."""
    metric = circuit_line(circuit, overlaps * steps, shots, "metric", adjoint=True)
    return spsa_demand(circuit, samples, steps, shots=shots) + Demand.of(metric)


def metric_demand(circuit: Circuit, samples: int, parameters: int, *, shots: int) -> Demand:
    """Return the bill of `overlap_metric` on every sample: P (2P - 1) compute-uncompute circuits each."""
    overlaps = parameters * (2 * parameters - 1) * samples
    return Demand.of(circuit_line(circuit, overlaps, shots, "metric", adjoint=True))
