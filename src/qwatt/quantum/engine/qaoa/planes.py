"""The few array operations of a QAOA run, in NumPy for small states and in torch for large ones or GPUs.

A NumPy call costs a fifth of a torch call, which decides below some ten thousand amplitudes; above, torch's
threads and GPUs do. Planes have shape (2, 2**wires): real and imaginary part.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor

NUMPY_WIRES = 16
Array = Any
"""A NumPy array or a torch tensor, whichever the library in use works on."""


class Planes(ABC):
    """Operations on arrays of one real dtype in one place; every `out` is overwritten."""

    @abstractmethod
    def constant(self, array: np.ndarray) -> Array:
        """Bring a table over."""

    @abstractmethod
    def take(self, tensor: Tensor) -> Array:
        """View a user's tensor, without a copy."""

    @abstractmethod
    def give(self, array: Array) -> Tensor:
        """View an array as a tensor, without a copy."""

    @abstractmethod
    def empty(self, length: int) -> Array:
        """Return uninitialised planes."""

    @abstractmethod
    def copy(self, source: Array, out: Array) -> None:
        """Overwrite `out`."""

    @abstractmethod
    def multiply(self, a: Array, b: Array | float, out: Array) -> Array:
        """Return a * b."""

    @abstractmethod
    def cos_sin(self, cost: Array, gamma: float, offset: Array | None, out: Array) -> Array:
        """Return cos and sin of offset - gamma * cost as planes."""

    @abstractmethod
    def turn(self, planes: Array, phase: Array, out: Array) -> Array:
        """Return planes times cos + i sin, given as planes `phase`."""

    @abstractmethod
    def partner(self, planes: Array, signs: Array, swap: bool) -> Array:
        """Return the planes with all bits flipped (and real and imaginary part swapped), times signs."""

    @abstractmethod
    def dot(self, a: Array, b: Array) -> float:
        """Return the sum of products of all entries."""


class _NumpyPlanes(Planes):
    """For small states on the CPU."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = np.float32 if dtype == torch.float32 else np.float64

    def constant(self, array: np.ndarray) -> Array:
        return np.ascontiguousarray(array, self.dtype)

    def take(self, tensor: Tensor) -> Array:
        return tensor.detach().contiguous().numpy()

    def give(self, array: Array) -> Tensor:
        return torch.from_numpy(array)

    def empty(self, length: int) -> Array:
        return np.empty((2, length), self.dtype)

    def copy(self, source: Array, out: Array) -> None:
        np.copyto(out, source)

    def multiply(self, a: Array, b: Array | float, out: Array) -> Array:
        return np.multiply(a, b, out=out)

    def cos_sin(self, cost: Array, gamma: float, offset: Array | None, out: Array) -> Array:
        angle = np.multiply(cost, -gamma, out=out[1])
        if offset is not None:
            angle += offset
        np.cos(angle, out=out[0])
        np.sin(angle, out=angle)
        return out

    def turn(self, planes: Array, phase: Array, out: Array) -> Array:
        np.multiply(planes, phase[0], out=out)
        out[0] -= planes[1] * phase[1]
        out[1] += planes[0] * phase[1]
        return out

    def partner(self, planes: Array, signs: Array, swap: bool) -> Array:
        return (planes[::-1, ::-1] if swap else planes[:, ::-1]) * signs

    def dot(self, a: Array, b: Array) -> float:
        return float(np.dot(a.ravel(), b.ravel()))


class _TorchPlanes(Planes):
    """For large states, and for any state on a GPU."""

    def __init__(self, dtype: torch.dtype, device: torch.device) -> None:
        self.dtype, self.device = dtype, device

    def constant(self, array: np.ndarray) -> Array:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device, self.dtype)

    def take(self, tensor: Tensor) -> Array:
        return tensor.detach().contiguous()

    def give(self, array: Array) -> Tensor:
        tensor: Tensor = array
        return tensor

    def empty(self, length: int) -> Array:
        return torch.empty(2, length, dtype=self.dtype, device=self.device)

    def copy(self, source: Array, out: Array) -> None:
        out.copy_(source)

    def multiply(self, a: Array, b: Array | float, out: Array) -> Array:
        return torch.mul(a, b, out=out)

    def cos_sin(self, cost: Array, gamma: float, offset: Array | None, out: Array) -> Array:
        if offset is None:
            torch.mul(cost, -gamma, out=out[1])
        else:
            torch.add(offset, cost, alpha=-gamma, out=out[1])
        torch.cos(out[1], out=out[0])
        out[1].sin_()
        return out

    def turn(self, planes: Array, phase: Array, out: Array) -> Array:
        torch.mul(planes, phase[0], out=out)
        out[0].addcmul_(planes[1], phase[1], value=-1)
        out[1].addcmul_(planes[0], phase[1])
        return out

    def partner(self, planes: Array, signs: Array, swap: bool) -> Array:
        return planes.flip((0, 1) if swap else (1,)).mul_(signs)

    def dot(self, a: Array, b: Array) -> float:
        return float(torch.dot(a.reshape(-1), b.reshape(-1)))


def planes_for(wires: int, dtype: torch.dtype, device: torch.device) -> Planes:
    """Choose the library for a state of that many wires."""
    if device.type == "cpu" and wires <= NUMPY_WIRES:
        return _NumpyPlanes(dtype)
    return _TorchPlanes(dtype, device)
