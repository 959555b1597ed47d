"""The size of one circuit, in numbers or in arrays of Monte Carlo draws, and how sizes join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qwatt.quantum.circuit import Circuit

Number = Any
"""A whole number, a float or an array; formulas use arithmetic and numpy functions that take all three."""


@dataclass(frozen=True, slots=True)
class CircuitSize:
    """Gates of one circuit after decomposition into one-qubit gates, CNOT and CZ; none are cancelled.

    Args:
        qubits: wires.
        gates_1q: one-qubit gates.
        gates_2q: CNOT and CZ.
        depth: layers of gates.
        measurements: qubits that are read; None for all.
    """

    qubits: Number
    gates_1q: Number
    gates_2q: Number
    depth: Number
    measurements: Number = None

    @property
    def read(self) -> Number:
        """Qubits that are read."""
        return self.qubits if self.measurements is None else self.measurements

    def then(self, other: CircuitSize) -> CircuitSize:
        """Return the size of this circuit and the other after it; its depth is at most the sum."""
        return CircuitSize(
            np.maximum(self.qubits, other.qubits),
            self.gates_1q + other.gates_1q,
            self.gates_2q + other.gates_2q,
            self.depth + other.depth,
            other.measurements,
        )

    def times(self, repetitions: Number) -> CircuitSize:
        """Return the size of the circuit repeated."""
        return CircuitSize(
            self.qubits,
            repetitions * self.gates_1q,
            repetitions * self.gates_2q,
            repetitions * self.depth,
            self.measurements,
        )

    def beside(self, copies: Number) -> CircuitSize:
        """Return the size of copies on disjoint wires of one machine: wider, not deeper."""
        return CircuitSize(
            copies * self.qubits,
            copies * self.gates_1q,
            copies * self.gates_2q,
            self.depth,
            copies * self.read,
        )

    def inverted(self) -> CircuitSize:
        """Return the size of the circuit followed by its inverse, all wires read: exactly twice the gates.

        The depth doubles exactly: the last gate's chain is met by the first chain of the inverse.
        """
        return CircuitSize(self.qubits, 2 * self.gates_1q, 2 * self.gates_2q, 2 * self.depth)


def size_of(circuit: Circuit | CircuitSize) -> CircuitSize:
    """Return the counted size of a circuit; a size is returned as it is.

    Raises:
        QwattError: an operation of the circuit has no decomposition.
    """
    if isinstance(circuit, CircuitSize):
        return circuit
    from qwatt.quantum.demand import circuit_counts

    found = circuit_counts(circuit)
    return CircuitSize(circuit.wires, found.gates_1q, found.gates_2q, found.depth, len(circuit.readout))
