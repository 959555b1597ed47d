"""A network of few wires as whole matrices: as few NumPy calls as a training step can do with.

On four wires and eight samples the arithmetic takes some microseconds, and every call one. So the phases, the
permutation and the RY of a layer become one unitary matrix, those of all layers are built at once, and so are
the gradients of all their angles. Rotations of |0> after the first about Y become layers too; that first one
is the only thing that differs from sample to sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.network.angles import angles_of
from qwatt.quantum.engine.network.recognise import Join, Network

Array = npt.NDArray[Any]

MOST_WIRES = 5
"""Widest network as whole matrices; beyond, blocks of a few wires are faster."""
MOST_AMPLITUDES = 1 << 12
"""Largest batch, times 2^wires; beyond, products with real blocks are faster than with complex matrices."""
MOST_NUMBERS = 1 << 18
"""Largest of its tables: the dense map from weights to angles, and the entries of all layers' matrices."""


@dataclass
class TinyRun:
    """What a backward pass needs of a forward one.

    Attributes:
        inputs: (samples, n_inputs).
        layers: unitary matrices (layers, 2^wires, 2^wires).
        states: (layers + 1, 2^wires, samples).
    """

    inputs: Array
    layers: Array
    states: Array


class TinyNetwork:
    """Expectation values of a network and their gradients, by whole matrices.

    Args:
        network: with inputs in its first stage of rotations, and layers.
        signs: eigenvalues (observables, 2^wires), real, of the network's dtype.
    """

    def __init__(self, network: Network, signs: Array) -> None:
        self._real = network.offset.dtype
        self._complex = np.result_type(self._real, np.complex64)
        first = network.stage_inputs[0]
        assert first is not None
        self._inputs = first
        self._wires, self._size = network.wires, 1 << network.wires
        self._bits = np.arange(self._size) >> np.arange(network.wires)[::-1, None] & 1
        turns, phases, backs = self._tables(network)
        self._layers = len(turns)
        rows = np.concatenate([*turns, *phases, np.eye(self._wires, len(network.offset))])
        self._offset = (rows @ network.offset).astype(self._real)
        self._from_weights = np.ascontiguousarray(rows @ network.from_weights, self._real)
        self._turns = self._layers * self._wires
        self._phases = self._turns + self._layers * self._size
        self._entries = self._entry_places(backs)
        self._amplitudes = self._bits * self._wires + np.arange(self._wires)[:, None]
        self._generators = self._turn_generators()
        self._quarter = self._generators.reshape(-1, self._size)
        self._signs = np.ascontiguousarray(signs.T)
        self._read = 2 * self._signs
        self.most_samples = MOST_AMPLITUDES // self._size

    def forward(self, inputs: Array, weights: Array) -> tuple[Array, TinyRun]:
        """Return the expectation values (samples, observables), and what `backward` needs."""
        angles = self._offset + self._from_weights @ weights
        layers = self._unitaries(angles[: self._phases])
        states = np.empty((self._layers + 1, self._size, len(inputs)), self._complex)
        states[0] = self._product(angles[self._phases :, None] + self._inputs @ inputs.T)
        for number in range(self._layers):
            np.matmul(layers[number], states[number], states[number + 1])
        found = np.square(states[-1].view(self._real)).T @ self._signs
        return found[::2] + found[1::2], TinyRun(inputs, layers, states)

    def backward(self, run: TinyRun, gradient: Array) -> tuple[Array, Array]:
        """Return the gradients of the flat weights, and of the inputs (samples, n_inputs).

        Args:
            run: of the forward pass.
            gradient: of the expectation values, (samples, observables).
        """
        states, back = run.states, run.layers.conj().swapaxes(1, 2)
        slopes = np.empty_like(states)
        np.multiply(self._read @ gradient.T, states[-1], slopes[-1])
        for number in reversed(range(self._layers)):
            np.matmul(back[number], slopes[number + 1], slopes[number])
        density = slopes[1:].view(self._real) @ states[1:].view(self._real).swapaxes(1, 2)
        turns = density.reshape(self._layers, -1) @ self._generators.T
        phases = np.vecdot(states[:-1], slopes[:-1]).imag
        turned = (self._quarter @ states[0].real).reshape(self._wires, self._size, -1)
        first = (turned * slopes[0].real).sum(1)
        total = np.concatenate([turns.ravel(), phases.ravel(), first.sum(1)])
        return total @ self._from_weights, first.T @ self._inputs

    def _unitaries(self, angles: Array) -> Array:
        """Return the matrix of every layer from half angles of all layers, then phases of all layers."""
        circles = np.empty((3, len(angles)), self._real)
        np.cos(angles, circles[0])
        np.negative(np.sin(angles, circles[1]), circles[2])
        turned = np.multiply.reduce(circles.take(self._entries))
        units = np.empty((self._layers, 1, self._size), self._complex)
        units.real, units.imag = circles[:2, self._turns :].reshape(2, *units.shape)
        whole: Array = turned * units
        return whole

    def _product(self, halves: Array) -> Array:
        """Return |0> turned on every wire, (2^wires, samples), by half angles (wires, samples)."""
        circles = np.empty((2, *halves.shape), self._real)
        np.cos(halves, circles[0])
        np.sin(halves, circles[1])
        whole: Array = np.multiply.reduce(circles.reshape(-1, halves.shape[1]).take(self._amplitudes, 0))
        return whole

    def _entry_places(self, backs: list[Array]) -> Array:
        """Return which cosine, sine or negative sine each wire gives to each entry of each layer's RY.

        Entries (wires, layers, 2^wires, 2^wires) are places in (3, angles), whose angles begin with those of
        (layers, wires); columns stand in the order of the state before the layer's permutation.
        """
        row, column = self._bits[:, None, :, None], np.stack([self._bits[:, back] for back in backs], 1)
        kind = np.where(row == column[:, :, None], 0, 2 - row)
        number = np.arange(self._turns).reshape(self._layers, self._wires).T
        return kind * self._phases + number[:, :, None, None]

    def _tables(self, network: Network) -> tuple[list[Array], list[Array], list[Array]]:
        """Return for each layer which angles turn it, which are its phases, and its permutation's inverse.

        Half angles (wires, angles) and phases (2^wires, angles) are linear in all angles of the network. The
        phases stand in the order of the state before the layer's permutation.
        """
        own = np.eye(len(network.offset))
        views = angles_of(network, np.arange(len(network.offset)))
        signs = (2.0 * self._bits - 1.0).T
        stages = [own[numbers] for numbers in views.stages[1:]]
        turns, phases, backs = [], [], []
        for about_z, about_y in zip(stages[::2], stages[1::2], strict=False):
            turns.append(about_y)
            phases.append(signs @ about_z)
            backs.append(np.arange(self._size))
        rest = signs @ stages[-1] if len(stages) % 2 else 0.0
        for join, half, numbers in zip(network.joins, views.turns, views.phases, strict=True):
            turns.append(own[half])
            phases.append(self._phases_of(join, own[numbers]) + rest)
            backs.append(np.arange(self._size) if join.back is None else join.back)
            rest = 0.0
        return turns, phases, backs

    def _phases_of(self, join: Join, own: Array) -> Array:
        """Return a join's phases, (2^wires, angles), in the order of the state before its permutation."""
        if join.generators is None:
            return np.zeros((self._size, own.shape[1]))
        whole: Array = join.generators.astype(np.float64) @ own
        return whole if join.back is None else whole[join.back]

    def _turn_generators(self) -> Array:
        """Return d(RY)/d(half angle) of each wire at angle 0, (wires, 4^wires)."""
        found = np.zeros((self._wires, self._size, self._size), self._real)
        rows = np.arange(self._size)
        for wire, bits in enumerate(self._bits):
            found[wire, rows, rows ^ (1 << (self._wires - 1 - wire))] = 2.0 * bits - 1.0
        return found.reshape(self._wires, -1)


def tiny_network(network: Network, signs: Array) -> TinyNetwork | None:
    """Return the network as whole matrices; None where it is too wide or of another form."""
    later = network.stage_inputs[1:]
    if network.wires > MOST_WIRES or network.real or not network.joins or not network.stage_inputs:
        return None
    if network.stage_inputs[0] is None or any(part is not None for part in later):
        return None
    layers = len(network.joins) + len(later) // 2
    size = 1 << network.wires
    angles = layers * (network.wires + size) * network.from_weights.shape[1]
    if max(angles, layers * network.wires * size**2) > MOST_NUMBERS:
        return None
    return TinyNetwork(network, signs)
