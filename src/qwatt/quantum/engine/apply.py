"""The four passes over the state, each with its inverse and the gradient of its operand.

A state is (batch, 2^wires), complex, wire 0 most significant. An operand is a matrix (d, d), a matrix per
sample (batch, d, d), a phase vector (2^wires,) or (batch, 2^wires), or None. Gradients follow torch:
dL/dRe + i dL/dIm, so new = M old gives grad_old = M^H grad_new and grad_M = grad_new old^H.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch


class Pass(ABC):
    """One linear, unitary pass over the state."""

    @abstractmethod
    def apply(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        """Return the state after the pass."""

    @abstractmethod
    def undo(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        """Return the state before the pass: the adjoint applied."""

    def operand_gradient(
        self, before: torch.Tensor, gradient: torch.Tensor, operand: torch.Tensor | None
    ) -> torch.Tensor | None:
        """Return the gradient of the operand from the state before and the gradient after the pass."""
        return None


class BlockPass(Pass):
    """A matrix on `width` neighbouring wires, `right` amplitudes apart."""

    def __init__(self, width: int, right: int) -> None:
        self.dimension = 1 << width
        self.right = right

    def apply(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        assert operand is not None
        if operand.dim() == 3:
            return (operand.unsqueeze(1) @ self._split(state)).reshape(state.shape)
        if self.right == 1:
            return (state.reshape(-1, self.dimension) @ operand.mT).reshape(state.shape)
        return (operand @ state.reshape(-1, self.dimension, self.right)).reshape(state.shape)

    def undo(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        assert operand is not None
        return self.apply(state, operand.mH)

    def operand_gradient(
        self, before: torch.Tensor, gradient: torch.Tensor, operand: torch.Tensor | None
    ) -> torch.Tensor:
        assert operand is not None
        if operand.dim() == 2 and self.right == 1:
            return gradient.reshape(-1, self.dimension).mT @ before.reshape(-1, self.dimension).conj()
        product = self._split(gradient) @ self._split(before).mH
        return product.sum(1) if operand.dim() == 3 else product.sum((0, 1))

    def _split(self, state: torch.Tensor) -> torch.Tensor:
        return state.reshape(state.shape[0], -1, self.dimension, self.right)


class PermutePass(Pass):
    """new[i] = old[source[i]]."""

    def __init__(self, source: torch.Tensor) -> None:
        self.source = source
        self.back = torch.argsort(source)

    def apply(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        return state.index_select(1, self.source)

    def undo(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        return state.index_select(1, self.back)


class PhasePass(Pass):
    """Elementwise product with a vector of unit numbers."""

    def apply(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        assert operand is not None
        return state * operand

    def undo(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        assert operand is not None
        return state * operand.conj()

    def operand_gradient(
        self, before: torch.Tensor, gradient: torch.Tensor, operand: torch.Tensor | None
    ) -> torch.Tensor:
        assert operand is not None
        product = gradient * before.conj()
        return product.sum(0) if operand.dim() == 1 else product


class ScatteredPass(Pass):
    """A matrix on any wires, with controls: gathers the amplitudes it acts on and writes them back.

    Args:
        rows: (groups * d,) basis indices, d per group in the matrix's order.
        dimension: d.
    """

    def __init__(self, rows: torch.Tensor, dimension: int) -> None:
        self.rows = rows
        self.dimension = dimension

    def apply(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        assert operand is not None
        new = self._gather(state) @ operand.mT
        return state.index_copy(1, self.rows, new.reshape(state.shape[0], -1))

    def undo(self, state: torch.Tensor, operand: torch.Tensor | None) -> torch.Tensor:
        assert operand is not None
        return self.apply(state, operand.mH)

    def operand_gradient(
        self, before: torch.Tensor, gradient: torch.Tensor, operand: torch.Tensor | None
    ) -> torch.Tensor:
        assert operand is not None
        product = self._gather(gradient).mT @ self._gather(before).conj()
        return product if operand.dim() == 3 else product.sum(0)

    def _gather(self, state: torch.Tensor) -> torch.Tensor:
        return state.index_select(1, self.rows).reshape(state.shape[0], -1, self.dimension)
