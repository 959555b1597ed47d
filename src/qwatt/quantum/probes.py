"""Probing a circuit: what is found by it is kept, so it must not depend on who asked first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch._functorch.pyfunctorch import temporarily_clear_interpreter_stack


@contextmanager
def plain_tensors() -> Iterator[None]:
    """Leave the caller's `torch.func` transforms and modes: tensors are plain and record gradients."""
    with temporarily_clear_interpreter_stack(), torch.inference_mode(False), torch.enable_grad():
        yield
