"""Where networks start: |0> rotated on every wire, multiplied out, or embedded amplitudes; and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from qwatt.quantum.engine.lowering.embedding import EmbeddedInputs

Array = npt.NDArray[Any]


class WireStates:
    """The wires' own states (wires, 2, batch), turned about Y, Z, Y ... by given half angles.

    Args:
        halves: half angles of every stage, (wires, batch) or (wires, 1); the first turns |0> about Y.
        batch: number of samples.
    """

    def __init__(self, halves: list[Array], batch: int) -> None:
        self._circles = [(np.cos(half), np.sin(half)) for half in halves]
        self._after = [np.stack(self._circles[0], 1)]
        for place, (cosine, sine) in enumerate(self._circles[1:], 1):
            turn = _phased if place % 2 else _turned
            self._after.append(turn(self._after[-1], cosine, sine))
        last = self._after[-1]
        self.states = last if last.shape[2] == batch else np.broadcast_to(last, (*last.shape[:2], batch))

    def gradients(self, gradient: Array) -> list[Array]:
        """Return the gradients of every stage's half angles, (wires, batch), from that of the states."""
        found = []
        for place in reversed(range(len(self._after))):
            (cosine, sine), after = self._circles[place], self._after[place]
            slope = gradient.conj() * (after if place % 2 else after[:, ::-1])
            part = slope.imag if place % 2 else slope.real
            found.append(part[:, 0] - part[:, 1] if place % 2 else part[:, 1] - part[:, 0])
            if place:
                gradient = (_phased if place % 2 else _turned)(gradient, cosine, -sine)
        return found[::-1]


def _phased(column: Array, cosine: Array, sine: Array) -> Array:
    """Multiply exp(-i half) to |0> and exp(i half) to |1>."""
    unit = cosine + 1j * sine
    return np.stack([column[:, 0] * unit.conj(), column[:, 1] * unit], 1)


def _turned(column: Array, cosine: Array, sine: Array) -> Array:
    low, high = column[:, 0], column[:, 1]
    return np.stack([cosine * low - sine * high, sine * low + cosine * high], 1)


class Product:
    """The product of states (factors, m, batch): neighbours are multiplied, then pairs, and so on."""

    def __init__(self, factors: Array) -> None:
        self._factors, odd = factors, len(factors) % 2
        self._rest: Product | None = None
        if len(factors) == 1:
            return
        if odd:
            self._rest = Product(factors[:-1])
            self._pair = self._rest.write()[None], factors[-1:]
        else:
            self._pair = factors[::2], factors[1::2]
            self._rest = Product(_outer(*self._pair)) if len(factors) > 2 else None

    def write(self, out: Array | None = None) -> Array:
        """Return the product, (2^wires, batch), written to `out` if given."""
        if len(self._factors) == 1:
            alone: Array = np.positive(self._factors[0], out=out)
            return alone
        if self._rest and len(self._factors) % 2 == 0:
            return self._rest.write(out)
        whole: Array = _outer(*self._pair, out)[0]
        return whole

    def gradients(self, gradient: Array) -> Array:
        """Return the gradients of all factors, (factors, m, batch), from that of the product."""
        if len(self._factors) == 1:
            return gradient[None]
        if len(self._factors) % 2:
            assert self._rest is not None
            first, second = _outer_gradients(*self._pair, gradient[None])
            return np.concatenate([self._rest.gradients(first[0]), second])
        gradient = self._rest.gradients(gradient) if self._rest else gradient[None]
        return np.stack(_outer_gradients(*self._pair, gradient), 1).reshape(self._factors.shape)


def _outer(first: Array, second: Array, out: Array | None = None) -> Array:
    """Return the products (pairs, m * n, batch) of (pairs, m, batch) and (pairs, n, batch)."""
    (pairs, rows, batch), columns = first.shape, second.shape[1]
    place = None if out is None else out.reshape(pairs, rows, columns, batch)
    product: Array = np.multiply(first[:, :, None], second[:, None], out=place)
    return product.reshape(pairs, rows * columns, batch)


def _outer_gradients(first: Array, second: Array, gradient: Array) -> tuple[Array, Array]:
    gradient = gradient.reshape(len(first), first.shape[1], second.shape[1], -1)
    to_first = (gradient * second.conj()[:, None]).sum(2)
    to_second = (gradient * first.conj()[:, :, None]).sum(1)
    return to_first, to_second


class Amplitudes:
    """Inputs (samples, n_inputs) as amplitudes, padded and normalised.

    Raises:
        QwattError: a sample is zero everywhere.
    """

    def __init__(self, embedding: EmbeddedInputs, inputs: Array) -> None:
        self._states = embedding.amplitudes(torch.from_numpy(inputs)).numpy()
        padding = (embedding.size - inputs.shape[1]) * embedding.pad**2
        self._norms = np.sqrt(np.vecdot(inputs, inputs) + padding)
        self._features = inputs.shape[1]

    def write(self, out: Array) -> Array:
        """Write the states to `out`, (2^wires, samples)."""
        out[...] = self._states.T
        return out

    def gradients(self, gradient: Array) -> Array:
        """Return the gradient of the inputs: that of the states without its part along them, by norm."""
        slope = gradient.real.T
        along = np.vecdot(self._states, slope)[:, None] * self._states
        across: Array = (slope - along)[:, : self._features] / self._norms[:, None]
        return across
