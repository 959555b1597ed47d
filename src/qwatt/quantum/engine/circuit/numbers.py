"""Inputs and weights as tensors, and the gradients to them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qwatt.core.errors import QwattError

_WIDEST = 8
"""Bytes of the widest real number of torch."""


def real_numbers(what: str, given: Any) -> Tensor:
    """Return tensors, arrays and nested lists of real numbers as a tensor.

    Args:
        what: "inputs" or "weights", for the error.
        given: the numbers.

    Raises:
        QwattError: they are no numbers, complex, masked, or of a tensor that is sparse or without values.
    """
    mend = "pass a tensor, an array or nested lists of real numbers"
    if _masked(given):
        raise QwattError(
            f"{what} have masked values, which an angle cannot have", mend="fill them, or drop the row"
        )
    try:
        found = given if isinstance(given, Tensor) else torch.as_tensor(_plain(given))
    except (TypeError, ValueError, RuntimeError) as error:
        raise QwattError(f"{what} are no table of numbers: {error}", mend=mend) from error
    if found.layout != torch.strided or found.is_meta:
        layout = f"{found.layout} on {found.device}"
        raise QwattError(f"{what} are a tensor without a number in every place, {layout}", mend=mend)
    if found.is_complex():
        raise QwattError(f"{what} are complex, {found.dtype}; angles are real", mend=mend)
    return found


def _masked(given: Any) -> bool:
    if isinstance(given, Tensor):
        return torch.masked.is_masked_tensor(given)
    return bool(np.ma.is_masked(given)) or (isinstance(given, list | tuple) and any(map(_masked, given)))


def _plain(given: Any) -> NDArray[Any]:
    """Return a writable array in this machine's order of bytes, as torch takes it; lists in 64 bits."""
    found = np.array(given, order="C")
    if found.dtype.kind == "f" and found.itemsize > _WIDEST:
        return found.astype(np.float64)
    return found.astype(found.dtype.newbyteorder("="), copy=False)


def slope(leaf: Tensor | None) -> Tensor | None:
    """Return the gradient of a leaf, zeros where the result does not depend on it."""
    if leaf is None:
        return None
    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
