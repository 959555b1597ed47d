"""The passes over the state, each with its inverse and the gradient of its operand.

A state is (2^wires, batch), wire 0 most significant; complex, or real where every pass is. With the batch
last, a permutation copies whole rows and a gate on any group of wires is a product with long rows.
Per-sample matrices need the batch first, so a transposing pass stands before and after them. Gradients follow
torch, dL/dRe + i dL/dIm: from new = M old follow grad_old = M^H grad_new and grad_M = grad_new old^H.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

SHORT_ROW = 16
"""Rows shorter than this go into one large matrix product instead of many small ones."""
WIDE_BLOCK = 64
"""Short rows of length r multiply with kron(matrix, 1_r) up to this size; beyond it they are transposed."""
CACHED_NUMBERS = 1 << 16
"""Complex numbers worked on at once where a pass makes temporaries, so that these stay in the cache."""


class Pass(ABC):
    """One linear, unitary pass over the state."""

    @abstractmethod
    def apply(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Return the state after the pass, written to `out` if given."""

    @abstractmethod
    def undo(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Return the state before the pass, the adjoint applied, written to `out` if given."""

    def shape(self, state: Tensor) -> torch.Size:
        """Return the shape of the state after the pass; `undo` turns it back."""
        return state.shape

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor | None:
        """Return the gradient of the operand from the state before and the gradient after the pass."""
        return None


class MatrixPass(Pass):
    """A product with matrices (d, d) on neighbouring wires, `right` amplitudes apart."""

    def __init__(self, width: int, right: int) -> None:
        self.dimension = 1 << width
        self.right = right

    def apply(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Multiply the matrix to every group of d amplitudes."""
        return self._multiply(_needed(operand), state, out)

    def undo(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Multiply the conjugate transpose."""
        return self._multiply(_needed(operand).mH, state, out)

    @abstractmethod
    def _multiply(self, matrix: Tensor, state: Tensor, out: Tensor | None) -> Tensor:
        """Return the product with every group of d amplitudes, written to `out` if given."""


class BlockPass(MatrixPass):
    """One matrix (d, d) for all samples.

    A real matrix on a complex state is a real product: real and imaginary parts count as two samples.
    """

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor:
        """Return (d, d)."""
        before, gradient = _as_numbers_of(operand, before), _as_numbers_of(operand, gradient)
        rows, old = self._rows(gradient), self._rows(before)
        length = rows.shape[2]
        if length >= SHORT_ROW:
            return torch.bmm(rows, old.mH).sum(0)
        if length * self.dimension <= WIDE_BLOCK:
            product = self._wide(gradient, length).mT @ self._wide(before, length).conj()
            split = product.view(self.dimension, length, self.dimension, length)
            return torch.diagonal(split, dim1=1, dim2=3).sum(-1)
        return self._folded(rows).mT @ self._folded(old).conj()

    def _multiply(self, matrix: Tensor, state: Tensor, out: Tensor | None) -> Tensor:
        numbers = _as_numbers_of(matrix, state)
        place = None if out is None else _as_numbers_of(matrix, out)
        rows = self._rows(numbers)
        length = rows.shape[2]
        if length >= SHORT_ROW:
            place = None if place is None else self._rows(place)
            new = torch.bmm(matrix.expand(len(rows), -1, -1), rows, out=place)
        elif length * self.dimension <= WIDE_BLOCK:
            wide = torch.kron(
                matrix.contiguous(), torch.eye(length, dtype=matrix.dtype, device=matrix.device)
            )
            place = None if place is None else self._wide(place, length)
            new = torch.mm(self._wide(numbers, length), wide.mT, out=place)
        else:
            new = (self._folded(rows) @ matrix.mT).reshape(rows.mT.shape).mT
            return _placed(_as_state(new, state), out)
        return _as_state(new, state) if out is None else out

    def _rows(self, state: Tensor) -> Tensor:
        return state.reshape(-1, self.dimension, self.right * state[0].numel())

    def _wide(self, state: Tensor, length: int) -> Tensor:
        return state.reshape(-1, self.dimension * length)

    def _folded(self, rows: Tensor) -> Tensor:
        return rows.mT.reshape(-1, self.dimension)


class SampleBlockPass(MatrixPass):
    """One matrix per sample, (batch, d, d), on neighbouring wires of a state (batch, 2^wires)."""

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor:
        """Return (batch, d, d)."""
        before, gradient = _as_numbers_of(operand, before), _as_numbers_of(operand, gradient)
        rows, old = self._rows(gradient), self._rows(before)
        if rows.shape[3] < SHORT_ROW:
            return self._folded(rows).mT @ self._folded(old).conj()
        return (rows @ old.mH).sum(1)

    def _multiply(self, matrix: Tensor, state: Tensor, out: Tensor | None) -> Tensor:
        rows = self._rows(_as_numbers_of(matrix, state))
        if rows.shape[3] >= SHORT_ROW:
            new = matrix.unsqueeze(1) @ rows
        else:
            new = (self._folded(rows) @ matrix.mT).reshape(rows.mT.shape).mT
        return _placed(_as_state(new, state), out)

    def _rows(self, state: Tensor) -> Tensor:
        return state.reshape(len(state), -1, self.dimension, self.right * state[0, 0].numel())

    def _folded(self, rows: Tensor) -> Tensor:
        return rows.mT.reshape(len(rows), -1, self.dimension)


class TransposePass(Pass):
    """(2^wires, batch) to (batch, 2^wires) or back."""

    def apply(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Transpose, with a copy."""
        return state.mT.contiguous() if out is None else out.copy_(state.mT)

    def undo(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Transpose back."""
        return self.apply(state, operand, out)

    def shape(self, state: Tensor) -> torch.Size:
        """Return the axes exchanged."""
        return state.mT.shape


class PermutePass(Pass):
    """new[i] = old[source[i]]."""

    def __init__(self, source: Tensor) -> None:
        self.source = source
        self.back = torch.empty_like(source)
        self.back[source] = torch.arange(len(source), device=source.device)

    def apply(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Copy rows."""
        return torch.index_select(state, 0, self.source, out=out)

    def undo(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Copy rows back."""
        return torch.index_select(state, 0, self.back, out=out)


class PhasePass(Pass):
    """Product with unit numbers, (2^wires, 1) or (2^wires, batch)."""

    def apply(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Multiply the phases."""
        return torch.mul(state, _needed(operand), out=out)

    def undo(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Multiply the conjugate phases."""
        return torch.mul(state, _needed(operand).conj(), out=out)

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor:
        """Return the operand's shape."""
        if _needed(operand).shape[1] > 1:
            return gradient * before.conj()
        rows = max(1, CACHED_NUMBERS // before.shape[1])
        pieces = zip(torch.split(gradient, rows), torch.split(before, rows), strict=True)
        return torch.cat([(slope * old.conj()).sum(1, keepdim=True) for slope, old in pieces])


class ScatteredPass(Pass):
    """A matrix (d, d) or (batch, d, d) on any wires, with controls: gather, multiply, write back.

    Args:
        rows: (groups * d,) basis indices, d per group in the matrix's order.
        dimension: d.
    """

    def __init__(self, rows: Tensor, dimension: int) -> None:
        self.rows = rows
        self.dimension = dimension

    def apply(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Multiply the matrix where it acts."""
        new = self._gather(state) @ _needed(operand).mT
        rows = new.reshape(state.shape[1], -1).mT
        if out is None:
            return state.index_copy(0, self.rows, rows)
        return out.copy_(state).index_copy_(0, self.rows, rows)

    def undo(self, state: Tensor, operand: Tensor | None, out: Tensor | None = None) -> Tensor:
        """Multiply the conjugate transpose where it acts."""
        return self.apply(state, _needed(operand).mH, out)

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor:
        """Return the operand's shape."""
        product = self._gather(gradient).mT @ self._gather(before).conj()
        return product if _needed(operand).dim() == 3 else product.sum(0)

    def _gather(self, state: Tensor) -> Tensor:
        rows = state.index_select(0, self.rows)
        return rows.mT.reshape(state.shape[1], -1, self.dimension)


def _as_numbers_of(operand: Tensor | None, state: Tensor) -> Tensor:
    """Return a complex state as (..., 2) real numbers when the operand is real."""
    return state if _needed(operand).is_complex() or not state.is_complex() else torch.view_as_real(state)


def _as_state(numbers: Tensor, state: Tensor) -> Tensor:
    """Return the numbers in the state's shape and kind."""
    if numbers.is_complex() == state.is_complex():
        return numbers.reshape(state.shape)
    return torch.view_as_complex(numbers.reshape(*state.shape, 2).contiguous())


def _placed(state: Tensor, out: Tensor | None) -> Tensor:
    return state if out is None else out.copy_(state)


def _needed(operand: Tensor | None) -> Tensor:
    assert operand is not None
    return operand
