"""Reading a state out: probabilities and expectation values of Pauli Z."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.functional import transformed
from qwatt.quantum.engine.lowering.basis import Index, basis, bit_of


class Renaming:
    """A last permutation of basis states, applied to what is read instead of to the state."""

    def __init__(self, source: Index, device: torch.device) -> None:
        self._source = torch.from_numpy(source).to(device)
        self._back = torch.argsort(self._source)

    def probabilities(self, before: Tensor) -> Tensor:
        """Return the probabilities (2^wires, batch) after the permutation from those before it."""
        return before.index_select(0, self._source)

    def observables(self, after: Tensor) -> Tensor:
        """Return the eigenvalues (observables, 2^wires) that read the state before the permutation."""
        return after.index_select(1, self._back)


def z_signs(readout: tuple[int, ...], wires: int) -> Tensor:
    """Return the eigenvalues of Z on each readout wire, float64, shape (readout, 2^wires)."""
    index = basis(wires)
    rows = [1.0 - 2.0 * ((index & bit_of(wire, wires)) != 0) for wire in readout]
    return torch.stack([torch.from_numpy(row) for row in rows])


def probabilities(state: Tensor) -> Tensor:
    """Return |amplitude|^2, real, of the state's shape; differentiable."""
    if transformed():
        return torch.square(state.real) + torch.square(state.imag) if state.is_complex() else state.square()
    return _Probabilities.apply(state)  # type: ignore[no-any-return,no-untyped-call]


class _Probabilities(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, state: Tensor) -> Tensor:
        ctx.save_for_backward(state)
        squared: Tensor = torch.square(state.real)
        return squared.addcmul_(state.imag, state.imag) if state.is_complex() else squared

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        state: Tensor = ctx.saved_tensors[0]
        return state * (2 * gradient)
