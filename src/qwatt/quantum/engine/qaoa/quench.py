"""Quenches of many bit strings side by side on one cost vector (arXiv:2203.12497)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from qwatt.quantum.circuits.quench import require_steps
from qwatt.quantum.engine.arrays.kronecker import block_sizes, kron, kron_apply
from qwatt.quantum.engine.qaoa.xy_ring import mix_ring, pair_gate


def quench_probs(
    cost: Tensor, starts: Tensor, gamma: float, beta: float, steps: int, keeps_ones: bool = False
) -> Tensor:
    """Return what each start is measured as after M (C M)^(steps - 1), shape (starts, 2**n).

    Args:
        cost: energy of every string, shape (2**n,), float32 or float64.
        starts: numbers of the strings, shape (starts,).
        gamma: angle of a cost layer, radians per unit of cost.
        beta: angle of a mixer, radians.
        steps: mixers.
        keeps_ones: mix on the XY ring, n at least 2, every other time in the reverse order.

    Raises:
        QwattError: no steps, or an odd number of ring mixers.
    """
    require_steps(steps, keeps_ones)
    n = cost.shape[0].bit_length() - 1
    dtype = torch.complex64 if cost.dtype == torch.float32 else torch.complex128
    phases = torch.polar(torch.ones_like(cost), -gamma * cost)
    states = torch.zeros((len(starts), len(cost)), dtype=dtype, device=cost.device)
    states[torch.arange(len(starts), device=cost.device), starts.to(cost.device)] = 1.0
    blocks = [] if keeps_ones else _turns(beta, n, dtype, cost.device)
    pair = pair_gate(torch.tensor(beta, dtype=cost.dtype, device=cost.device), dtype)
    for step in range(steps):
        states = states * phases if step else states
        states = mix_ring(states, pair, n, step % 2 == 1) if keeps_ones else kron_apply(states, blocks)
    return torch.view_as_real(states).square().sum(-1)


def _turns(beta: float, n: int, dtype: torch.dtype, device: torch.device) -> list[Tensor]:
    """exp(-i beta X) on blocks of wires."""
    cosine, sine = math.cos(beta), -1j * math.sin(beta)
    one = torch.tensor([[cosine, sine], [sine, cosine]], dtype=dtype, device=device)
    return [kron([one] * size) for size in block_sizes(n)]
