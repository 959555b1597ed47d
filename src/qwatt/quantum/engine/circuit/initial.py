"""The initial state: a product of prepared wires, turned wires and wires in |0>."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from qwatt.quantum.engine.arrays.functional import needs_plain, transformed
from qwatt.quantum.engine.circuit.apply import CACHED_NUMBERS
from qwatt.quantum.engine.circuit.matrices import MatrixForm
from qwatt.quantum.engine.circuit.parameters import ParameterValues
from qwatt.quantum.engine.lowering.primitives import Preparation


class InitialState:
    """Builds the state (2^wires, batch) before the first pass.

    Args:
        wires: number of wires.
        preparations: amplitudes of disjoint wires.
        turned: wire -> (form, number) of the chain that takes the wire out of |0>.
        dtype: dtype of the state.
        device: where to build.
    """

    def __init__(
        self,
        wires: int,
        preparations: list[Preparation],
        turned: Mapping[int, tuple[MatrixForm, int]],
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        self._wires, self._preparations, self._turned = wires, preparations, turned
        self._zero = torch.tensor([[1.0], [0.0]], dtype=dtype, device=device)
        prepared = [wire for preparation in preparations for wire in preparation.wires]
        self._rest = [wire for wire in range(wires) if wire not in prepared]
        self._order = prepared + self._rest

    def build(self, values: ParameterValues, matrices: Mapping[MatrixForm, Tensor | None]) -> Tensor:
        """Return the state; `matrices` holds the chain products of each form."""
        factors = [self._amplitudes(values, preparation) for preparation in self._preparations]
        if self._rest:
            factors.append(tree_product([self._column(wire, matrices) for wire in self._rest]))
        state = factors[0]
        for factor in factors[1:]:
            state = outer(state, factor)
        return self._in_wire_order(state).expand(-1, values.batch).contiguous()

    def _amplitudes(self, values: ParameterValues, preparation: Preparation) -> Tensor:
        amplitudes = _columns(values.tensor(preparation.index))
        return amplitudes if self._zero.is_complex() else amplitudes.real

    def _column(self, wire: int, matrices: Mapping[MatrixForm, Tensor | None]) -> Tensor:
        if wire not in self._turned:
            return self._zero
        form, number = self._turned[wire]
        bank = matrices[form]
        assert bank is not None
        return _columns(bank[..., number, :, 0])

    def _in_wire_order(self, state: Tensor) -> Tensor:
        if self._order == sorted(self._order):
            return state
        axes = [self._order.index(wire) for wire in range(self._wires)]
        return state.reshape(*[2] * self._wires, -1).permute(*axes, self._wires).reshape(state.shape)


def outer(first: Tensor, second: Tensor) -> Tensor:
    """Return the products of (m, batch) and (n, batch) as (m * n, batch); a batch of 1 is broadcast."""
    if first.shape[1] == second.shape[1] and not transformed():
        return _Outer.apply(first, second)  # type: ignore[no-any-return,no-untyped-call]
    return (first[:, None] * second[None]).flatten(0, 1)


class _Outer(torch.autograd.Function):
    """The product of equal batches; its backward pass makes no temporary of the result's size."""

    @staticmethod
    def forward(ctx: Any, first: Tensor, second: Tensor) -> Tensor:
        ctx.save_for_backward(first, second)
        return (first[:, None] * second[None]).flatten(0, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        first, second = (saved.conj().resolve_conj() for saved in ctx.saved_tensors)
        if needs_plain(gradient):
            spread = gradient.reshape(len(first), len(second), -1)
            return (spread * second).sum(1), (spread * first[:, None]).sum(0)
        rows = max(1, CACHED_NUMBERS // second.numel())
        to_first, to_second = [], torch.zeros_like(second)
        pieces = torch.split(gradient.reshape(len(first), -1, second.shape[1]), rows)
        for piece, old in zip(pieces, torch.split(first, rows), strict=True):
            to_first.append((piece * second).sum(1))
            to_second += (piece * old[:, None]).sum(0)
        return torch.cat(to_first), to_second


def tree_product(factors: list[Tensor]) -> Tensor:
    """Multiply out by halves, so that almost all work is in the last product."""
    if len(factors) == 1:
        return factors[0]
    middle = len(factors) // 2
    return outer(tree_product(factors[:middle]), tree_product(factors[middle:]))


def _columns(amplitudes: Tensor) -> Tensor:
    """Return (2^k, 1) or (2^k, batch) from (2^k,) or (batch, 2^k)."""
    return amplitudes.unsqueeze(1) if amplitudes.dim() == 1 else amplitudes.mT
