"""The energy of every bit string of a quadratic binary problem, as one vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from qwatt.core.errors import QwattError

MAX_WIRES = 30


@dataclass(frozen=True)
class Ising:
    """E(s) = offset + sum_i fields[i] s_i + sum_{i<j} couplings[i, j] s_i s_j with s_i = 2 bit_i - 1.

    Args:
        fields: shape (n,).
        couplings: shape (n, n), zero on and below the diagonal.
        offset: energy added to every string.
    """

    fields: np.ndarray
    couplings: np.ndarray
    offset: float

    @classmethod
    def from_bqm(cls, bqm: Any) -> Ising:
        """Convert a dimod model of either vartype; wire i is the i-th of `bqm.variables`."""
        linear, (row, col, bias), offset = bqm.change_vartype("SPIN", inplace=False).to_numpy_vectors(
            variable_order=list(bqm.variables)
        )
        couplings = np.zeros((len(linear), len(linear)))
        np.add.at(couplings, (np.minimum(row, col), np.maximum(row, col)), bias)
        return cls(np.asarray(linear, float), couplings, float(offset))

    @classmethod
    def from_qubo(cls, linear: Any, quadratic: Any, offset: float = 0.0) -> Ising:
        """Convert linear . x + x^T quadratic x + offset of bits x; the diagonal counts as linear."""
        h, q = np.asarray(linear, float), np.asarray(quadratic, float)
        if q.shape != (len(h), len(h)):
            raise QwattError(f"quadratic has shape {q.shape}, linear has {len(h)} entries")
        h = h + np.diag(q)
        pair = np.triu(q + q.T, 1)
        fields = h / 2 + (pair.sum(0) + pair.sum(1)) / 4
        return cls(fields, pair / 4, offset + h.sum() / 2 + pair.sum() / 4)


def cost_vector(
    problem: Any, dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu"
) -> Tensor:
    """Return the energy of every bit string, shape (2**n,).

    Entry z is the energy of the bits of z, wire 0 (the first variable) the most significant. Without
    fields the vector is exactly symmetric under flipping all bits, and QAOA runs on half of it.

    Args:
        problem: a dimod binary quadratic model, an `Ising`, or (linear, quadratic) arrays of a QUBO.
        dtype: float32 for complex64 states, float64 for complex128.
        device: where to build it.

    Raises:
        QwattError: no variables, or more than 30.
    """
    ising = _as_ising(problem)
    n = len(ising.fields)
    if not 1 <= n <= MAX_WIRES:
        raise QwattError(
            f"a cost vector needs 1 to {MAX_WIRES} variables, not {n}",
            mend="solve larger problems with an annealing sampler",
        )
    if n > 1 and not ising.fields.any():
        half = _energies(ising, n, dtype, device, half=True)
        return torch.cat([half, half.flip(0)])
    return _energies(ising, n, dtype, device)


def unit_spread(cost: Tensor) -> tuple[Tensor, float]:
    """Return the cost divided by its standard deviation over all strings, and that deviation.

    Linear-ramp schedules assume it (arXiv:2405.09169).

    Raises:
        QwattError: every string has the same energy.
    """
    spread = float(cost.double().std(correction=0))
    if spread == 0.0:
        raise QwattError("every bit string has the same energy: there is nothing to optimise")
    return cost / spread, spread


def _as_ising(problem: Any) -> Ising:
    if isinstance(problem, Ising):
        return problem
    if hasattr(problem, "vartype"):
        return Ising.from_bqm(problem)
    return Ising.from_qubo(*problem)


def _spins(wires: int) -> np.ndarray:
    """Return s = 2 bit - 1 of every string, shape (2**wires, wires)."""
    strings = np.arange(2**wires)[:, None] >> np.arange(wires)[::-1]
    return (2.0 * (strings & 1)) - 1.0


def _energies(
    ising: Ising, n: int, dtype: torch.dtype, device: str | torch.device, half: bool = False
) -> Tensor:
    """Energy of all strings, or of those whose first bit is 0: high part + low part + one product."""
    cut = n // 2
    high, low = _spins(cut), _spins(n - cut)
    high = high[: len(high) // 2] if half else high
    pairs = ising.couplings
    own = [
        s @ h + np.einsum("zi,ij,zj->z", s, j, s, optimize=True)
        for s, h, j in (
            (high, ising.fields[:cut], pairs[:cut, :cut]),
            (low, ising.fields[cut:], pairs[cut:, cut:]),
        )
    ]

    def move(array: np.ndarray) -> Tensor:
        return torch.as_tensor(array).to(dtype=dtype, device=device)

    base = move(own[0] + ising.offset)[:, None] + move(own[1])
    return base.addmm_(move(high), move(pairs[:cut, cut:] @ low.T)).view(-1)
