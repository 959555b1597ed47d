"""Inputs and weights as tensors, and the gradients to them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from qwatt.core.errors import QwattError


def real_numbers(what: str, given: Any) -> Tensor:
    """Return tensors, arrays and nested lists of real numbers as a tensor.

    Args:
        what: "inputs" or "weights", for the error.
        given: the numbers.

    Raises:
        QwattError: they are no numbers, or complex.
    """
    mend = "pass a tensor, an array or nested lists of real numbers"
    try:
        found = torch.as_tensor(given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise QwattError(f"{what} are no table of numbers: {error}", mend=mend) from error
    if found.is_complex():
        raise QwattError(f"{what} are complex, {found.dtype}; angles are real", mend=mend)
    return found


def slope(leaf: Tensor | None) -> Tensor | None:
    """Return the gradient of a leaf, zeros where the result does not depend on it."""
    if leaf is None:
        return None
    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
