"""Under `torch.func` transforms and forward differentiation the engine's own autograd nodes stand aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.autograd import forward_ad

General = Callable[[Tensor | None, Tensor | None], Tensor]
"""From inputs and weights to expectation values, by operations that torch differentiates to any order."""


def transformed() -> bool:
    """Return whether `torch.func.grad`, `vmap`, `jvp` or their like is at work, or forward differentiation.

    They differentiate and batch plain operations to any order, but no node with states of its own in borrowed
    memory. Torch asks the same before it applies such a node.
    """
    return bool(torch._C._are_functorch_transforms_active()) or forward_ad._current_level >= 0


def bare(value: Tensor) -> Tensor:
    """Return the numbers that transforms have wrapped, of all samples, so that one can look at them."""
    while torch._C._functorch.is_functorch_wrapped_tensor(value):
        value = torch._C._functorch.get_unwrapped(value)
    return value


def needs_plain(gradient: Tensor) -> bool:
    """Return whether a backward pass must be plain operations.

    It must where second derivatives are wanted, so that it is itself differentiated, and where several
    gradients come at once (`is_grads_batched`, the vectorised Jacobian).
    """
    return torch.is_grad_enabled() or bool(torch._C._functorch.is_legacy_batchedtensor(gradient))


def plain_gradients(
    general: General, leaves: Sequence[Tensor | None], wanted: Sequence[bool], gradient: Tensor
) -> list[Tensor | None]:
    """Return the gradients of the wanted leaves as a differentiable graph; None for the others."""
    chosen = [leaf for leaf, needed in zip(leaves, wanted, strict=True) if needed and leaf is not None]
    with torch.enable_grad():
        slopes = iter(torch.autograd.grad(general(*leaves), chosen, gradient, create_graph=True))
    return [next(slopes) if needed else None for needed in wanted]
