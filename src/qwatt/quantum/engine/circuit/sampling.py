"""Finite shots: measurement outcomes drawn from exact probabilities."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def sample_outcomes(probs: Tensor, shots: int, rng: np.random.Generator) -> Tensor:
    """Draw basis states by inverting the cumulative distribution in float64.

    Args:
        probs: (batch, 2^wires), rows summing to one up to rounding.
        shots: draws per row.
        rng: source of randomness; one uniform number a shot.

    Returns:
        Basis indices, int64, shape (batch, shots), on the device of `probs`.
    """
    cumulative = probs.detach().double().cumsum(1)
    uniform = torch.from_numpy(rng.random((len(probs), shots))).to(probs.device)
    found = torch.searchsorted(cumulative, uniform * cumulative[:, -1:], right=True)
    return found.clamp_(max=probs.shape[1] - 1)


def bits_of(outcomes: Tensor, wires: int) -> Tensor:
    """Return the bits of basis indices, int64, shape (*outcomes, wires); wire 0 first."""
    place = torch.arange(wires - 1, -1, -1, device=outcomes.device)
    return (outcomes.unsqueeze(-1) >> place) & 1


def sampled_probs(outcomes: Tensor, size: int) -> Tensor:
    """Return the observed frequencies, float64, shape (batch, size), of outcomes (batch, shots)."""
    counts = torch.zeros(len(outcomes), size, dtype=torch.float64, device=outcomes.device)
    counts.scatter_add_(1, outcomes, torch.ones_like(outcomes, dtype=torch.float64))
    return counts / outcomes.shape[1]
