"""Three kinds of bill: circuits, anneals, and an error-corrected program; fields are numbers or arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import ClassVar

import numpy as np

from qwatt.core.demand import AnnealLine, CircuitLine, Demand
from qwatt.quantum.primitives.size import CircuitSize, Number

BILL_SHOTS = 1000
"""Shots per circuit that exact expectation values are billed at, unless the backend says otherwise."""

LAYERS_PER_ROTATION = 20
"""Logical layers in which one arbitrary rotation is synthesised (arXiv:1403.2975: about 3 log2(1/eps) T)."""


@dataclass(frozen=True, slots=True)
class CircuitBill:
    """Circuits of one size.

    Args:
        circuits: how many.
        shots: of each; None is billed as `BILL_SHOTS`.
        size: of each.
    """

    kind: ClassVar[str] = "gate"
    circuits: Number
    shots: Number
    size: CircuitSize

    def __add__(self, other: CircuitBill) -> CircuitBill:
        """Return both as one line: circuits add, and the rest are means over the circuits.

        All gates, layers and shots of the two are in the sum; qubits are those of the wider.
        """
        circuits = self.circuits + other.circuits
        share = self.circuits / np.maximum(circuits, 1e-300)

        def mean(first: Number, second: Number) -> Number:
            return first + (1 - share) * (second - first)

        one, two = self.size, other.size
        size = CircuitSize(
            np.maximum(one.qubits, two.qubits),
            mean(one.gates_1q, two.gates_1q),
            mean(one.gates_2q, two.gates_2q),
            mean(one.depth, two.depth),
            np.maximum(one.read, two.read),
        )
        return CircuitBill(circuits, mean(self._shots, other._shots), size)

    def numbers(self) -> Mapping[str, Number]:
        """Return the fields by the names that scaling cards use."""
        size = self.size
        return {
            "circuits": self.circuits,
            "shots": self._shots,
            "qubits": size.qubits,
            "gates_1q": size.gates_1q,
            "gates_2q": size.gates_2q,
            "depth": size.depth,
            "measurements": size.read,
        }

    def demand(self, note: str) -> Demand:
        """Return the demand in whole numbers."""
        counts = {name: whole(number) for name, number in self.numbers().items()}
        return Demand.of(CircuitLine(**counts, note=note))

    @property
    def _shots(self) -> Number:
        return BILL_SHOTS if self.shots is None else self.shots


@dataclass(frozen=True, slots=True)
class AnnealBill:
    """Problems of one size for an annealer.

    Args:
        problems: how many are programmed.
        reads: of each.
        variables: of each.
        couplings: of each.
    """

    kind: ClassVar[str] = "anneal"
    problems: Number
    reads: Number
    variables: Number
    couplings: Number

    def numbers(self) -> Mapping[str, Number]:
        """Return the fields by the names that scaling cards use."""
        return {name: getattr(self, name) for name in ("problems", "reads", "variables", "couplings")}

    def demand(self, note: str) -> Demand:
        """Return the demand in whole numbers."""
        counts = {name: whole(number) for name, number in self.numbers().items()}
        return Demand.of(AnnealLine(**counts, note=note))


@dataclass(frozen=True, slots=True)
class LogicalBill:
    """An error-corrected program.

    Args:
        qubits: logical qubits.
        toffoli: Toffoli gates of one run.
        rotations: arbitrary rotations of one run.
        depth: logical layers of one run.
        runs: how often it runs.
    """

    kind: ClassVar[str] = "logical"
    qubits: Number
    toffoli: Number
    rotations: Number
    depth: Number
    runs: Number = 1

    def numbers(self) -> Mapping[str, Number]:
        """Return the fields by the names that scaling cards use."""
        return {name: getattr(self, name) for name in ("qubits", "toffoli", "rotations", "depth", "runs")}


Bill = CircuitBill | AnnealBill | LogicalBill


def whole(number: Number) -> int:
    """Round up to a whole number; what float arithmetic adds to a whole one is not counted."""
    value = float(number)
    return ceil(value - 1e-9 * max(1.0, abs(value)))
