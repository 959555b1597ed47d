"""QAOA with the XY-ring mixer, which keeps the number of ones (arXiv:1709.03489), from a Dicke state."""

from __future__ import annotations

import torch
from torch import Tensor

from qwatt.core.errors import QwattError
from qwatt.quantum.engine.arrays.kronecker import block_sizes, kron_apply
from qwatt.quantum.engine.arrays.walsh import popcount


def dicke_state(n: int, weight: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the uniform superposition of the strings with `weight` ones, shape (2**n,), complex.

    Raises:
        QwattError: weight is not between 0 and n.
    """
    if not 0 <= weight <= n:
        raise QwattError(f"a string of {n} bits cannot hold {weight} ones")
    member = (popcount(n, device) == weight).to(dtype)
    return member / member.sum().real.sqrt()


def xy_ring_state(cost: Tensor, gammas: Tensor, betas: Tensor, weight: int) -> Tensor:
    """Return the state after p layers, shape (2**n,), complex; differentiable to the angles.

    One mixer is exp(-i beta (XX + YY)/2) on the ring's pairs (0,1), (2,3), ...; then on (1,2), (3,4), ...;
    for odd n then on (n-1, 0).

    Args:
        cost: energy of every string, shape (2**n,), n >= 2.
        gammas: cost angles, shape (p,).
        betas: mixer angles, shape (p,).
        weight: number of ones.
    """
    n = cost.shape[0].bit_length() - 1
    if n < 2:
        raise QwattError("the XY ring needs at least two qubits")
    dtype = torch.complex64 if cost.dtype == torch.float32 else torch.complex128
    state = dicke_state(n, weight, dtype, cost.device)
    for gamma, beta in zip(gammas.to(cost), betas.to(cost), strict=True):
        state = state * torch.exp(-1j * gamma * cost)
        state = mix_ring(state, pair_gate(beta, dtype), n)
    return state


def mix_ring(states: Tensor, pair: Tensor, n: int, backwards: bool = False) -> Tensor:
    """Apply one ring mixer, shape (..., 2**n): pairs from even wires, from odd ones, the one left over.

    Args:
        states: complex.
        pair: the gate of a pair, from `pair_gate`.
        n: wires, at least 2.
        backwards: take the three in the reverse order.
    """
    if n == 2:
        return states @ pair.T
    return _forwards(states, pair, n) if not backwards else _backwards(states, pair, n)


def _forwards(states: Tensor, pair: Tensor, n: int) -> Tensor:
    """Turn the wires by one for the odd pairs, and until wire n - 1 is the first for the one left over."""
    states = _pairs(states, pair, n)
    states = _pairs(_turn(states, 1, n), pair, n)
    if n % 2 == 0:
        return _turn(states, n - 1, n)
    return _turn(_first_pair(_turn(states, n - 2, n), pair), 1, n)


def _backwards(states: Tensor, pair: Tensor, n: int) -> Tensor:
    if n % 2:
        states = _turn(_first_pair(_turn(states, n - 1, n), pair), 1, n)
    states = _pairs(_turn(states, 1, n), pair, n)
    return _pairs(_turn(states, n - 1, n), pair, n)


def pair_gate(beta: Tensor, dtype: torch.dtype) -> Tensor:
    """exp(-i beta (XX + YY)/2), shape (4, 4): a rotation of 01 and 10."""
    diagonal = torch.tensor([1.0, 0, 0, 1], dtype=dtype, device=beta.device).diag()
    keep = torch.tensor([0, 1.0, 1, 0], dtype=dtype, device=beta.device).diag()
    swap = keep.flip(0)
    return diagonal + torch.cos(beta) * keep - 1j * torch.sin(beta) * swap


def _pairs(state: Tensor, pair: Tensor, n: int) -> Tensor:
    """Apply the pair gate to (0,1), (2,3), ...; a last odd wire is left alone."""
    four = torch.kron(pair, pair)
    eye = torch.eye(2, dtype=state.dtype, device=state.device)
    paired = n - n % 2
    blocks = [four if size == 4 else pair for size in block_sizes(paired)]
    return kron_apply(state, blocks + [eye] * (n % 2))


def _first_pair(state: Tensor, pair: Tensor) -> Tensor:
    return (pair @ state.reshape(*state.shape[:-1], 4, -1)).flatten(-2)


def _turn(state: Tensor, wires: int, n: int) -> Tensor:
    """Move the first `wires` wires behind the others."""
    return state.reshape(*state.shape[:-1], 1 << wires, 1 << (n - wires)).transpose(-1, -2).flatten(-2)
