"""Circuits of RY, CZ and CNOT, whose states are real, fitted to many vectors at once.

What `approximate` does for one vector on the engine, for thousands of small ones: exact gradients by running
the circuit backwards (arXiv:2009.02823), in real arithmetic, all vectors side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray

from qwatt.quantum.circuit import Circuit

Real = NDArray[np.float32]
Gate = tuple[int, ...]
"""An RY on one wire, or a two-wire gate: control and target of a CNOT, or the wires of a CZ."""


@dataclass(frozen=True)
class RealAnsatz:
    """RY on single wires, and one kind of two-wire gate.

    Args:
        name: for records.
        wires: number of qubits; wire 0 is the most significant bit of an amplitude's index.
        gates: in order; the k-th RY takes the k-th angle.
        entangler: "CZ" or "CNOT".
    """

    name: str
    wires: int
    gates: tuple[Gate, ...]
    entangler: str = "CZ"

    @property
    def angles(self) -> int:
        """Number of RY."""
        return sum(len(gate) == 1 for gate in self.gates)

    def circuit(self) -> Circuit:
        """Return the circuit that takes the angles as inputs; the same one for the same ansatz."""
        return _circuit(self)


def brickwork(wires: int, layers: int) -> RealAnsatz:
    """Columns of RY with bricks of CZ between them, those of `approximate.brick_layers`.

    Without layers it is one column: a product state.
    """
    gates: list[Gate] = [(wire,) for wire in range(wires)]
    for layer in range(layers):
        gates += [(wire, wire + 1) for wire in range(layer % 2, wires - 1, 2)]
        gates += [(wire,) for wire in range(wires)]
    return RealAnsatz("brickwork", wires, tuple(gates))


def staircase(wires: int, layers: int) -> RealAnsatz:
    """Stairs of general rotations of two wires, which prepare real matrix-product states (arXiv:1908.07958).

    A step is RY RY, CNOT, RY RY, CNOT, RY RY: Euler's three angles of both factors of SO(4). One stair is
    every state of bond dimension 2, each further one multiplies the bound by 2.
    """
    gates: list[Gate] = []
    for _ in range(layers):
        for wire in range(wires - 1):
            pair: list[Gate] = [(wire,), (wire + 1,)]
            gates += [*pair, (wire, wire + 1), *pair, (wire, wire + 1), *pair]
    return RealAnsatz("staircase", wires, tuple(gates), "CNOT")


@dataclass(frozen=True)
class Fit:
    """What `fit` found.

    Args:
        angles: shape (vectors, angles).
        fidelities: squared overlaps, shape (vectors,).
        steps: steps that were taken.
    """

    angles: Real
    fidelities: Real
    steps: int


def fit(
    ansatz: RealAnsatz,
    targets: Any,
    *,
    steps: int,
    rng: np.random.Generator,
    fidelity: float = 0.999,
    learning_rate: float = 0.1,
) -> Fit:
    """Maximise every vector's squared overlap by Adam (arXiv:1412.6980) until all reach the fidelity.

    Args:
        ansatz: the circuit.
        targets: unit vectors, shape (vectors, 2**wires).
        steps: at most so many.
        rng: of the starting angles.
        fidelity: where to stop.
        learning_rate: Adam's.
    """
    wanted = np.ascontiguousarray(np.asarray(targets, dtype=np.float32).T)
    angles = rng.normal(0.0, np.pi / 4, (ansatz.angles, wanted.shape[1])).astype(np.float32)
    mean, square = np.zeros_like(angles), np.zeros_like(angles)
    for step in range(1, steps + 1):
        overlaps, slopes = overlap_slopes(ansatz, angles, wanted)
        if (overlaps**2).min(initial=1.0) >= fidelity:
            return Fit(angles.T.copy(), overlaps**2, step - 1)
        slope = -2.0 * overlaps * slopes
        mean += 0.1 * (slope - mean)
        square += 0.001 * (slope**2 - square)
        scale = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        angles -= (learning_rate / (1 - 0.9**step)) * mean / scale
    overlaps = (states(ansatz, angles) * wanted).sum(axis=0)
    return Fit(angles.T.copy(), overlaps**2, steps)


def fit_flops(ansatz: RealAnsatz, vectors: int, steps: int) -> float:
    """Return the operations of a fit: 3 a value to rotate a state, forwards once and backwards two states,
    and 2 for the slope.
    """
    return 11.0 * steps * ansatz.angles * vectors * 2.0**ansatz.wires


def states(ansatz: RealAnsatz, angles: Real) -> Real:
    """Return the prepared states as columns, shape (2**wires, vectors), of angles (angles, vectors)."""
    state = np.zeros((2**ansatz.wires, angles.shape[1]), dtype=np.float32)
    state[0] = 1.0
    number = 0
    for gate in ansatz.gates:
        if len(gate) == 1:
            state = _rotated(state, gate[0], angles[number])
            number += 1
        else:
            state = _entangled(state, ansatz, gate)
    return state


def overlap_slopes(ansatz: RealAnsatz, angles: Real, targets: Real) -> tuple[Real, Real]:
    """Return overlaps with the targets (vectors,), and their slopes in the angles (angles, vectors)."""
    state, back = states(ansatz, angles), targets
    overlaps = (state * targets).sum(axis=0)
    slopes, number = np.empty_like(angles), ansatz.angles
    for gate in reversed(ansatz.gates):
        if len(gate) == 1:
            number -= 1
            low, high = _halves(state, gate[0])
            back_low, back_high = _halves(back, gate[0])
            slopes[number] = 0.5 * (back_high * low - back_low * high).sum(axis=(0, 1))
            state = _rotated(state, gate[0], -angles[number])
            back = _rotated(back, gate[0], -angles[number])
        else:
            state, back = _entangled(state, ansatz, gate), _entangled(back, ansatz, gate)
    return overlaps, slopes


def _halves(state: Real, wire: int) -> tuple[Real, Real]:
    split = state.reshape(2**wire, 2, -1, state.shape[1])
    return split[:, 0], split[:, 1]


def _rotated(state: Real, wire: int, angle: Real) -> Real:
    cosine, sine = np.cos(angle / 2), np.sin(angle / 2)
    low, high = _halves(state, wire)
    turned: Real = np.empty_like(state)
    new_low, new_high = _halves(turned, wire)
    new_low[:] = cosine * low - sine * high
    new_high[:] = sine * low + cosine * high
    return turned


def _entangled(state: Real, ansatz: RealAnsatz, gate: Gate) -> Real:
    """Apply a two-wire gate, which is its own inverse."""
    index = np.arange(2**ansatz.wires)
    first, second = (1 << (ansatz.wires - 1 - wire) for wire in gate)
    acts = (index & first) != 0
    if ansatz.entangler == "CNOT":
        return state[np.where(acts, index ^ second, index)]
    signs = np.where(acts & ((index & second) != 0), -1, 1).astype(np.float32)
    return np.asarray(signs[:, None] * state, dtype=np.float32)


@cache
def _circuit(ansatz: RealAnsatz) -> Circuit:
    entangle = qml.CZ if ansatz.entangler == "CZ" else qml.CNOT

    def function(inputs: Any, _: Any) -> None:
        number = 0
        for gate in ansatz.gates:
            if len(gate) == 1:
                qml.RY(inputs[..., number], wires=gate[0])
                number += 1
            else:
                entangle(gate)

    return Circuit(function, ansatz.wires, ansatz.angles, name=ansatz.name)
