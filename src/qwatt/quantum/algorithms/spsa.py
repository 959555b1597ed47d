"""Stochastic optimisers that need few circuits a step: SPSA and quantum natural SPSA.

PennyLane's own SPSA and QN-SPSA optimisers take QNodes of `pennylane.numpy`; these take any function of
stacked torch weights, so that a whole step is one batched call of the engine.
"""

from __future__ import annotations

import torch
from torch import Tensor

from qwatt.quantum.algorithms.gradients import Evaluate
from qwatt.quantum.algorithms.natural_gradient import Fidelity


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
