"""The optimiser of every head that torch trains (arXiv:1412.6980)."""

from __future__ import annotations

from collections.abc import Iterable
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
