"""A network evaluated in NumPy, on as many samples at a time as the cache holds.

NumPy calls cost a fifth of torch calls, which decides for small states; for large ones it is the cache: each
group of samples goes through the whole circuit before the next begins. A layer of RY is a real orthogonal
matrix R with dR/d(half angle) = J R, and phases commute with each other, so that the states kept after each
layer, beside the gradients there, give the gradient of every angle: no matrix is differentiated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.arrays.kronecker import block_density, block_product, spans
from qwatt.quantum.engine.network.angles import Angles, SharedOperands, angles_of, shared_operands
from qwatt.quantum.engine.network.recognise import Network
from qwatt.quantum.engine.network.start import Amplitudes, Product, WireStates

Array = npt.NDArray[Any]


@dataclass
class SampleGroup:
    """Samples that go through the circuit together.

    Attributes:
        inputs: (samples, n_inputs) or None.
        states: (layers + 1, 2^wires, samples), for the first state and the one after each layer.
        spare: (2, 2^wires, samples), scratch.
        columns: the wires' own states at first, set by the forward run; None with embedded inputs.
        start: the first states.
    """

    inputs: Array | None
    states: Array
    spare: Array
    columns: WireStates | None = None
    start: Product | Amplitudes = field(init=False)


class NetworkEvaluator:
    """Computes expectation values of a network and their gradients.

    Args:
        network: the network.
        signs: eigenvalues (observables, 2^wires), real, of the network's dtype.
    """

    def __init__(self, network: Network, signs: Array) -> None:
        self.network, self.signs = network, signs
        self._real = network.offset.dtype
        self.dtype = self._real if network.real else np.result_type(self._real, np.complex64)
        self._parts = 1 if network.real else 2
        self._spans = spans(range(network.wires), network.wires)
        self._levels = [
            [level for level, span in enumerate(self._spans) if not turned.isdisjoint(span)]
            for turned in network.turned
        ]

    def shared(self, weights: Array) -> SharedOperands:
        """Return what all samples share, from flat weights."""
        return shared_operands(self.network, self._spans, weights)

    def forward(self, shared: SharedOperands, group: SampleGroup) -> Array:
        """Run some samples and return their expectation values, (observables, samples)."""
        states, spare = group.states, group.spare[0]
        self._start(shared.angles, group)
        group.start.write(states[0])
        for number, join in enumerate(self.network.joins):
            levels = self._levels[number]
            state, places = states[number], _places(len(levels), states[number + 1], spare)
            if join.source is not None:
                state = np.take(state, join.source, 0, out=places[-1], mode="clip")
            if (phases := shared.phases[number]) is not None:
                state = np.multiply(state, phases, out=places[-1])
            for level, place in zip(levels, places, strict=False):
                state = self._multiply(level, shared.blocks[level][number], state, place)
        squared = np.square(self._numbers(states[-1]), out=self._numbers(spare))
        return _summed(self.signs @ squared, self._parts)

    def backward(
        self, shared: SharedOperands, group: SampleGroup, gradient: Array
    ) -> tuple[Array, Array | None]:
        """Return the gradients of all shared angles, (angles,), and of the inputs, (samples, n_inputs).

        The group has been run forward; `gradient` is that of its expectation values, (observables, samples).
        """
        total = angles_of(self.network, np.zeros_like(self.network.offset))
        states, (slope, other) = group.states, group.spare
        self._read_back(gradient, states[-1], slope)
        for number in reversed(range(len(self.network.joins))):
            join, before = self.network.joins[number], states[number]
            self._turn_gradients(number, slope, states[number + 1], total.turns[number])
            for level in self._levels[number]:
                slope, other = self._multiply(level, shared.blocks[level][number].T, slope, other), slope
            if (phases := shared.phases[number]) is not None:
                np.multiply(slope, phases.conj(), out=slope)
            if join.back is not None:
                slope, other = np.take(slope, join.back, 0, out=other, mode="clip"), slope
            if join.generators is not None:
                turned = np.vecdot(before, slope).imag
                turned = turned if join.source is None else turned[join.source]
                np.matmul(turned, join.generators, out=total.phases[number])
        return total.flat, self._start_gradients(group, slope, total.stages)

    def _read_back(self, gradient: Array, state: Array, out: Array) -> None:
        """Write the gradient of the last states, 2 signs^T gradient times the amplitudes."""
        slope = self._numbers(out)
        np.matmul(self.signs.T, np.repeat(2 * gradient, self._parts, 1), out=slope)
        slope *= self._numbers(state)

    def _start(self, angles: Angles, group: SampleGroup) -> None:
        """Set where the group starts."""
        if self.network.embedding is not None:
            assert group.inputs is not None
            group.start = Amplitudes(self.network.embedding, group.inputs)
            return
        group.columns = WireStates(self._halves(angles, group.inputs), group.states.shape[2])
        group.start = Product(group.columns.states)

    def _start_gradients(self, group: SampleGroup, slope: Array, total: Array) -> Array | None:
        """Write the stages' shared gradients to `total`; return the inputs' gradient."""
        gradient = group.start.gradients(slope)
        if group.columns is None:
            return gradient
        to_inputs: Array | None = None
        found = group.columns.gradients(gradient)
        for stage, (part, inputs) in enumerate(zip(found, self.network.stage_inputs, strict=True)):
            total[stage] = part.sum(1)
            if inputs is not None:
                to_inputs = part.T @ inputs + (0 if to_inputs is None else to_inputs)
        return to_inputs

    def _halves(self, angles: Angles, inputs: Array | None) -> list[Array]:
        """Return the half angles of every stage, (wires, samples) or (wires, 1)."""
        return [
            half[:, None] if matrix is None or inputs is None else half[:, None] + matrix @ inputs.T
            for half, matrix in zip(angles.stages, self.network.stage_inputs, strict=True)
        ]

    def _multiply(self, level: int, block: Array, state: Array, out: Array) -> Array:
        """Multiply a block to its span of wires."""
        block_product(self._numbers(state), block, self._right(level, state), self._numbers(out))
        return out

    def _turn_gradients(self, number: int, slope: Array, after: Array, total: Array) -> None:
        """Write the gradients of one layer's half angles, (wires,): slope^T J after, wire by wire."""
        for level in self._levels[number]:
            span = self._spans[level]
            right = self._right(level, after)
            density = block_density(self._numbers(slope), self._numbers(after), 1 << len(span), right)
            generators = _turn_generators(len(span), self._real)
            total[span[0] : span[-1] + 1] = generators @ density.ravel()

    def _right(self, level: int, state: Array) -> int:
        """Return how many real numbers lie behind a span of wires."""
        return (state.size * self._parts) >> (self._spans[level][-1] + 1)

    def _numbers(self, state: Array) -> Array:
        """View a state as real numbers, (2^wires, samples * parts)."""
        return state.view(self._real)


def _places(count: int, last: Array, spare: Array) -> list[Array]:
    """Return where `count` products go, in turns, ending in `last`; after them, where to start from."""
    places = [spare, last] * count
    return [*places[count:], places[count - 1]]


def _summed(found: Array, parts: int) -> Array:
    """Add what real and imaginary parts gave, side by side."""
    return found if parts == 1 else found[:, ::2] + found[:, 1::2]


@cache
def _turn_generators(width: int, real: np.dtype) -> Array:
    """Return d(RY)/d(half angle) of each wire of a span at angle 0, (width, 4^width)."""
    found = []
    for wire in range(width):
        left, right = np.eye(1 << wire), np.eye(1 << (width - 1 - wire))
        found.append(np.kron(np.kron(left, [[0.0, -1.0], [1.0, 0.0]]), right).ravel())
    return np.array(found, real)
