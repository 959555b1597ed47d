"""The passes over the state, each with its inverse and the gradient of its operand.

A state is (2^wires, batch), complex, wire 0 most significant: with the batch last, a permutation copies whole
rows and a gate on any group of wires is a matrix product with long rows. Per-sample matrices need the batch
first, so a transposing pass stands before and after them. Gradients follow torch, dL/dRe + i dL/dIm: from
new = M old follow grad_old = M^H grad_new and grad_M = grad_new old^H.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor

SHORT_ROW = 16
"""Rows shorter than this are folded into one matrix product instead of many small ones."""


class Pass(ABC):
    """One linear, unitary pass over the state."""

    @abstractmethod
    def apply(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Return the state after the pass."""

    @abstractmethod
    def undo(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Return the state before the pass: the adjoint applied."""

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor | None:
        """Return the gradient of the operand from the state before and the gradient after the pass."""
        return None


class BlockPass(Pass):
    """One matrix (d, d) for all samples on neighbouring wires, `right` amplitudes apart."""

    def __init__(self, width: int, right: int) -> None:
        self.dimension = 1 << width
        self.right = right

    def apply(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Multiply the matrix to every group of d amplitudes."""
        return self._multiply(_needed(operand), state)

    def undo(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Multiply the conjugate transpose."""
        return self._multiply(_needed(operand).mH, state)

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor:
        """Return (d, d)."""
        if self._row(before) < SHORT_ROW:
            return self._folded(gradient).mT @ self._folded(before).conj()
        return torch.bmm(self._split(gradient), self._split(before).mH).sum(0)

    def _multiply(self, matrix: Tensor, state: Tensor) -> Tensor:
        if self._row(state) >= SHORT_ROW:
            rows = self._split(state)
            return torch.bmm(matrix.expand(len(rows), -1, -1), rows).reshape(state.shape)
        new = self._folded(state) @ matrix.mT
        return new.reshape(-1, self._row(state), self.dimension).mT.reshape(state.shape)

    def _row(self, state: Tensor) -> int:
        return self.right * state.shape[1]

    def _split(self, state: Tensor) -> Tensor:
        return state.reshape(-1, self.dimension, self._row(state))

    def _folded(self, state: Tensor) -> Tensor:
        return self._split(state).mT.reshape(-1, self.dimension)


class SampleBlockPass(Pass):
    """One matrix per sample, (batch, d, d), on neighbouring wires of a state (batch, 2^wires)."""

    def __init__(self, width: int, right: int) -> None:
        self.dimension = 1 << width
        self.right = right

    def apply(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Multiply each sample's matrix to every group of d of its amplitudes."""
        return self._multiply(_needed(operand), state)

    def undo(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Multiply the conjugate transposes."""
        return self._multiply(_needed(operand).mH, state)

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor:
        """Return (batch, d, d)."""
        if self.right < SHORT_ROW:
            return self._folded(gradient).mT @ self._folded(before).conj()
        return (self._split(gradient) @ self._split(before).mH).sum(1)

    def _multiply(self, matrix: Tensor, state: Tensor) -> Tensor:
        if self.right >= SHORT_ROW:
            return (matrix.unsqueeze(1) @ self._split(state)).reshape(state.shape)
        new = self._folded(state) @ matrix.mT
        return new.reshape(len(state), -1, self.right, self.dimension).mT.reshape(state.shape)

    def _split(self, state: Tensor) -> Tensor:
        return state.reshape(len(state), -1, self.dimension, self.right)

    def _folded(self, state: Tensor) -> Tensor:
        return self._split(state).mT.reshape(len(state), -1, self.dimension)


class TransposePass(Pass):
    """(2^wires, batch) to (batch, 2^wires) or back."""

    def apply(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Transpose, with a copy."""
        return state.mT.contiguous()

    def undo(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Transpose back."""
        return state.mT.contiguous()


class PermutePass(Pass):
    """new[i] = old[source[i]]."""

    def __init__(self, source: Tensor) -> None:
        self.source = source
        self.back = torch.argsort(source)

    def apply(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Copy rows."""
        return state.index_select(0, self.source)

    def undo(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Copy rows back."""
        return state.index_select(0, self.back)


class PhasePass(Pass):
    """Product with unit numbers, (2^wires, 1) or (2^wires, batch)."""

    def apply(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Multiply the phases."""
        return state * _needed(operand)

    def undo(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Multiply the conjugate phases."""
        return state * _needed(operand).conj()

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor:
        """Return the operand's shape."""
        product = gradient * before.conj()
        return product.sum(1, keepdim=True) if _needed(operand).shape[1] == 1 else product


class ScatteredPass(Pass):
    """A matrix (d, d) or (batch, d, d) on any wires, with controls: gather, multiply, write back.

    Args:
        rows: (groups * d,) basis indices, d per group in the matrix's order.
        dimension: d.
    """

    def __init__(self, rows: Tensor, dimension: int) -> None:
        self.rows = rows
        self.dimension = dimension

    def apply(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Multiply the matrix where it acts."""
        new = self._gather(state) @ _needed(operand).mT
        return state.index_copy(0, self.rows, new.reshape(state.shape[1], -1).mT)

    def undo(self, state: Tensor, operand: Tensor | None) -> Tensor:
        """Multiply the conjugate transpose where it acts."""
        return self.apply(state, _needed(operand).mH)

    def operand_gradient(self, before: Tensor, gradient: Tensor, operand: Tensor | None) -> Tensor:
        """Return the operand's shape."""
        product = self._gather(gradient).mT @ self._gather(before).conj()
        return product if _needed(operand).dim() == 3 else product.sum(0)

    def _gather(self, state: Tensor) -> Tensor:
        rows = state.index_select(0, self.rows)
        return rows.mT.reshape(state.shape[1], -1, self.dimension)


def _needed(operand: Tensor | None) -> Tensor:
    assert operand is not None
    return operand
