"""Overlap tests: compute-uncompute, swap, Hadamard and interference; and tests side by side on one machine.

Every factory takes a preparing `Circuit` and returns one whose inputs are [x, y] side by side, shape
(..., 2 * n_inputs). What is read and what it means:

| test | wires | read | meaning |
|---|---|---|---|
| compute-uncompute | n | P(0...0) | |<x|y>|^2 |
| swap | 2n + 1 | <Z_0> | |<x|y>|^2 |
| Hadamard | n + 1 | <Z_0> | Re <x|y>, signed |
| interference | n + 1 | <Z_0> | <x|y> of real unit vectors, signed |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import pennylane as qml

from qwatt.core.errors import QwattError, unknown_name
from qwatt.quantum.circuit import Circuit

KINDS = ("inversion", "swap", "interference")


@dataclass(frozen=True)
class OverlapTest:
    """A test with the encoding of what it compares.

    Args:
        kind: "inversion" (compute-uncompute), "swap" or "interference".
        encoding: the preparation, without weights; an interference test needs that of 2^n amplitudes.

    Raises:
        QwattError: no such test, or an interference test of something else than 2^n amplitudes.
    """

    kind: str
    encoding: Circuit

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise unknown_name("overlap test", self.kind, KINDS)
        amplitudes = self.encoding.name == "amplitude" and self.encoding.n_inputs == 2**self.encoding.wires
        if self.kind == "interference" and not amplitudes:
            raise QwattError(
                "an interference test compares vectors of 2^n amplitudes", where=self.encoding.name
            )

    @property
    def circuit(self) -> Circuit:
        """One test of one pair."""
        if self.kind == "interference":
            return interference_test(self.encoding.n_inputs)
        return (swap_test if self.kind == "swap" else compute_uncompute)(self.encoding)

    def chance(self, overlap: Any) -> Any:
        """Return how likely zeros are read at a fidelity, or for an interference test at a product."""
        return overlap if self.kind == "inversion" else (1.0 + overlap) / 2.0

    def overlap(self, zeros: Any) -> Any:
        """Return what a share of zeros estimates: the fidelity, of an interference test the product."""
        return zeros if self.kind == "inversion" else 2.0 * zeros - 1.0


def operations(circuit: Circuit, inputs: Any, weights: Any, first_wire: int = 0) -> Iterator[Any]:
    """Yield a circuit's operations, moved to the wires from `first_wire` on; queues nothing."""
    with qml.QueuingManager.stop_recording():
        tape = qml.tape.make_qscript(circuit.function)(inputs, weights)
        shift = {wire: wire + first_wire for wire in range(circuit.wires)}
        moved = [op.map_wires(shift) if first_wire else op for op in tape.operations]
    yield from moved


@lru_cache(maxsize=256)
def compute_uncompute(circuit: Circuit) -> Circuit:
    """U(x), then the inverse of U(y): the probability of all zeros is the fidelity. Twice the gates.

    A barrier between the two keeps a transpiler from cancelling gates of a circuit against its inverse.
    """
    split = circuit.n_inputs

    def function(inputs: Any, weights: Any) -> None:
        for op in operations(circuit, inputs[..., :split], weights):
            qml.apply(op)
        qml.Barrier(range(circuit.wires))
        for op in reversed(list(operations(circuit, inputs[..., split:], weights))):
            qml.adjoint(op)

    return Circuit(function, circuit.wires, 2 * split, circuit.weight_shape, name="compute_uncompute")


@lru_cache(maxsize=256)
def weight_overlap(circuit: Circuit) -> Circuit:
    """U(x, a), then the inverse of U(x, b): all zeros show how far weights moved the state (2008.06517).

    Returns:
        Circuit with the same inputs and weights (2, *weight_shape), which are a and b.
    """

    def function(inputs: Any, weights: Any) -> None:
        for op in operations(circuit, inputs, weights[0]):
            qml.apply(op)
        qml.Barrier(range(circuit.wires))
        for op in reversed(list(operations(circuit, inputs, weights[1]))):
            qml.adjoint(op)

    shape = (2, *circuit.weight_shape)
    return Circuit(function, circuit.wires, circuit.n_inputs, shape, name="weight_overlap")


@cache
def swap_test(circuit: Circuit) -> Circuit:
    """Prepare both on registers of their own and swap them under a control: <Z_0> is the fidelity.

    Two preparations, 2 H and n CSWAP; wire 0 is the control.
    """
    split, n = circuit.n_inputs, circuit.wires

    def function(inputs: Any, weights: Any) -> None:
        for op in operations(circuit, inputs[..., :split], weights, 1):
            qml.apply(op)
        for op in operations(circuit, inputs[..., split:], weights, 1 + n):
            qml.apply(op)
        qml.Hadamard(0)
        for wire in range(1, n + 1):
            qml.CSWAP([0, wire, wire + n])
        qml.Hadamard(0)

    return Circuit(function, 2 * n + 1, 2 * split, circuit.weight_shape, (0,), "swap_test")


@cache
def hadamard_test(circuit: Circuit) -> Circuit:
    """Prepare x under control 0 and y under control 1 of wire 0: <Z_0> = Re <x|y>, sign included.

    Needs the controlled preparation, whose gates are far more than the preparation's own.
    """
    split = circuit.n_inputs

    def function(inputs: Any, weights: Any) -> None:
        qml.Hadamard(0)
        for value, part in ((0, inputs[..., :split]), (1, inputs[..., split:])):
            for op in operations(circuit, part, weights, 1):
                qml.ctrl(op, control=0, control_values=[value])
        qml.Hadamard(0)

    return Circuit(function, circuit.wires + 1, 2 * split, circuit.weight_shape, (0,), "hadamard_test")


@cache
def interference_test(features: int) -> Circuit:
    """Load [x, y] as one amplitude vector and interfere its halves: <Z_0> = <x|y> of real vectors.

    x and y must have the *same norm*, or the result is 2 x.y / (|x|^2 + |y|^2). One multiplexed preparation
    on n + 1 wires (2**(n+1) - 1 RY, 2**(n+1) - 2 CNOT) and one H.

    Args:
        features: length of x and of y; a power of two (pad with zeros).

    Raises:
        QwattError: not a power of two.
    """
    if features < 2 or features & (features - 1):
        raise QwattError(f"the interference test needs a power of two, not {features} features")
    wires = features.bit_length()

    def function(inputs: Any, _: Any) -> None:
        qml.AmplitudeEmbedding(inputs, wires=range(wires), normalize=True)
        qml.Hadamard(0)

    return Circuit(function, wires, 2 * features, measured=(0,), name="interference_test")


@cache
def side_by_side(circuit: Circuit, copies: int) -> Circuit:
    """Run independent copies of a circuit on disjoint wires of one machine (2112.08506's parallel distances).

    Inputs are the copies' inputs one after another; the weights are shared; the readouts follow one another.
    """
    n, size = circuit.wires, circuit.n_inputs

    def function(inputs: Any, weights: Any) -> None:
        for copy in range(copies):
            part = inputs[..., copy * size : (copy + 1) * size] if size else None
            for op in operations(circuit, part, weights, copy * n):
                qml.apply(op)

    measured = tuple(copy * n + wire for copy in range(copies) for wire in circuit.readout)
    name = f"{circuit.name}_x{copies}"
    return Circuit(function, copies * n, copies * size, circuit.weight_shape, measured, name)
