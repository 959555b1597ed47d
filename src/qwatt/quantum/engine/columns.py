"""Product states: rotations of |0> on every wire, multiplied out, and the gradients of their angles."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def turn_columns(about_z: tuple[bool, ...], halves: list[Array]) -> list[Array]:
    """Return the wires' states (wires, 2, batch) after every stage of half angles (wires, batch)."""
    found: list[Array] = []
    for z_stage, half in zip(about_z, halves, strict=True):
        cosine, sine = np.cos(half), np.sin(half)
        if not found:
            found.append(np.stack([cosine, sine], 1))
        elif z_stage:
            found.append(found[-1] * _phases(cosine, sine))
        else:
            found.append(_turned(found[-1], cosine, sine))
    return found


def column_gradients(
    about_z: tuple[bool, ...], halves: list[Array], columns: list[Array], gradient: Array
) -> list[Array]:
    """Return the gradients of all half angles from that of the last columns, (wires, 2, batch)."""
    found = []
    for z_stage, half, column in zip(about_z[::-1], halves[::-1], columns[::-1], strict=True):
        cosine, sine = np.cos(half), np.sin(half)
        if z_stage:
            slope = (gradient.conj() * column).imag
            found.append(slope[:, 0] - slope[:, 1])
            gradient = gradient * _phases(cosine, -sine)
        else:
            found.append((gradient[:, 1].conj() * column[:, 0] - gradient[:, 0].conj() * column[:, 1]).real)
            gradient = _turned(gradient, cosine, -sine)
    return found[::-1]


def _phases(cosine: Array, sine: Array) -> Array:
    """exp(-+ i half) for |0> and |1>, shape (wires, 2, batch)."""
    return np.stack([cosine - 1j * sine, cosine + 1j * sine], 1)


def _turned(column: Array, cosine: Array, sine: Array) -> Array:
    low, high = column[:, 0], column[:, 1]
    return np.stack([cosine * low - sine * high, sine * low + cosine * high], 1)


class ProductTree:
    """The product of states (wires, 2, batch), multiplied out by halves."""

    def __init__(self, columns: Array) -> None:
        self._only = columns[0]
        middle = len(columns) // 2
        self._halves = (ProductTree(columns[:middle]), ProductTree(columns[middle:])) if middle else None

    @cached_property
    def state(self) -> Array:
        """The product, shape (2^wires, batch)."""
        return self.write(None)

    def write(self, out: Array | None) -> Array:
        """Return the product, written to `out` if given."""
        if self._halves is None:
            return np.asarray(np.positive(self._only, out=out))
        first, second = (half.state for half in self._halves)
        place = None if out is None else out.reshape(len(first), len(second), -1)
        product: Array = np.multiply(first[:, None], second, out=place)
        return product.reshape(-1, first.shape[1])

    def gradients(self, gradient: Array) -> list[Array]:
        """Return the gradients (2, batch) of all columns from that of the product."""
        if self._halves is None:
            return [gradient]
        first, second = self._halves
        gradient = gradient.reshape(len(first.state), len(second.state), -1)
        to_first = (gradient * second.state.conj()).sum(1)
        to_second = (gradient * first.state.conj()[:, None]).sum(0)
        return first.gradients(to_first) + second.gradients(to_second)
