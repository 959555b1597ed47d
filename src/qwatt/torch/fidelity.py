"""Fidelities that are measured, with gradients that are measured too, by the parameter-shift rule."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Measure = Callable[[Tensor, Tensor], Tensor]
"""From gate angles (rows, angles) and (columns, angles) to the fidelities of all pairs, (rows, columns)."""


def measured_fidelities(measure: Measure, x: Tensor, y: Tensor) -> Tensor:
    """Return the fidelities of all pairs, shape (rows, columns), differentiable in both arguments.

    A backward pass measures every pair at 2 angles shifts of the row and as many of the column: every angle
    must be that of one rotation (arXiv:1811.11184). Where shots are finite, values and gradients have their
    scatter.

    Args:
        measure: measures fidelities; it is not differentiated.
        x: gate angles of the rows, shape (rows, angles).
        y: of the columns, shape (columns, angles).
    """
    found: Tensor = _Measured.apply(measure, x, y)  # type: ignore[no-untyped-call]
    return found


def shifted(angles: Tensor) -> Tensor:
    """Return angles with each one shifted up, then down, by a quarter turn: (2, rows, angles, angles)."""
    steps = pi / 2 * torch.eye(angles.shape[1], dtype=angles.dtype)
    return torch.stack([angles[:, None] + steps, angles[:, None] - steps])


class _Measured(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, measure: Measure, x: Tensor, y: Tensor) -> Tensor:
        ctx.measure = measure
        ctx.save_for_backward(x, y)
        return measure(x, y).to(x.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, y = ctx.saved_tensors
        slopes: list[Tensor | None] = [None, None]
        if ctx.needs_input_grad[1]:
            slopes[0] = _slopes(ctx.measure, x, y, gradient)
        if ctx.needs_input_grad[2]:
            slopes[1] = _slopes(lambda a, b: ctx.measure(b, a).T, y, x, gradient.T)
        return None, *slopes


def _slopes(measure: Measure, moved: Tensor, fixed: Tensor, gradient: Tensor) -> Tensor:
    """Return the derivatives by the moved angles, shape (rows, angles)."""
    rows, angles = moved.shape
    values = measure(shifted(moved).reshape(-1, angles), fixed).to(moved.dtype)
    up, down = values.reshape(2, rows, angles, len(fixed))
    return torch.einsum("rac,rc->ra", (up - down) / 2, gradient)
