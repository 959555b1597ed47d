"""A differentiable call whose forward and whose backward pass each have an energy window of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Call = Callable[[Tensor, Tensor], Tensor]
Window = Callable[[], AbstractContextManager[Any]]


def in_windows(call: Call, window: Window, inputs: Tensor, weights: Tensor) -> Tensor:
    """Return `call(inputs, weights)`; its backward pass runs inside a window too.

    Args:
        call: a differentiable function of both.
        window: opens a window.
        inputs: may require a gradient.
        weights: may require a gradient.
    """
    found: Tensor = _Windowed.apply(call, window, inputs, weights)  # type: ignore[no-untyped-call]
    return found


class _Windowed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, call: Call, window: Window, inputs: Tensor, weights: Tensor) -> Tensor:
        ctx.leaves = [
            leaf.detach().requires_grad_(needed)
            for leaf, needed in zip((inputs, weights), ctx.needs_input_grad[2:], strict=True)
        ]
        ctx.window = window
        with window(), torch.enable_grad():
            ctx.found = call(*ctx.leaves)
        return ctx.found.detach()  # type: ignore[no-any-return]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        wanted = [leaf for leaf in ctx.leaves if leaf.requires_grad]
        with ctx.window():
            slopes = iter(torch.autograd.grad(ctx.found, wanted, gradient))
        found = [next(slopes) if leaf.requires_grad else None for leaf in ctx.leaves]
        return None, None, *found
