"""The optimiser of every head that torch trains (arXiv:1412.6980)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from qwatt.core.lazy import lazy

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")
    _dynamo, _monitor = lazy("torch._dynamo"), lazy("torch.profiler._cupti_monitor")
    # torch imports these two at an optimiser's first step, which is inside an energy window


def adam(tensors: Iterable[torch.Tensor], learning_rate: float) -> torch.optim.Optimizer:
    """Return Adam on tensors, which need gradients from now on."""
    return torch.optim.Adam([tensor.requires_grad_() for tensor in tensors], lr=learning_rate)


def descend(
    tensors: Iterable[torch.Tensor], learning_rate: float, steps: int, loss: Callable[[], torch.Tensor]
) -> list[float]:
    """Change tensors in place by so many steps of Adam on all data at once; return the loss before each."""
    optimiser, losses = adam(tensors, learning_rate), []
    for _ in range(steps):
        optimiser.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(value.detach()))
    return losses
