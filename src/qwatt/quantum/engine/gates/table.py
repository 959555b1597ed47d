"""A lowered circuit as flat arrays: one row a gate, one an angle; and what the angles depend on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Any

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.circuit.parameters import AffineMap
from qwatt.quantum.engine.lowering.basis import bit_of, contradictory
from qwatt.quantum.engine.lowering.primitives import (
    Controls,
    FixedMatrix,
    Flip,
    PhaseGate,
    Preparation,
    Primitive,
    Rotation,
    Swap,
    Unitary,
)

Array = npt.NDArray[Any]

FLIP, TURN, PHASE, MATRIX = range(4)
"""X; RY; exp(i angle (-1)^parity); a fixed 2x2 matrix. Each acts where its controls match."""


@dataclass(frozen=True)
class GateTable:
    """Gates in order, and their angles: half of those of RY.

    Attributes:
        wires: number of wires.
        gates: (gates, 5): kind, mask of target or parity, mask and value of the controls, and the number of
            the angle or the matrix.
        spans: (angles, 3): where an angle's weights start in `places`, its inputs, and where these stop.
        offsets: each angle without inputs and weights, (angles,).
        places: numbers of weights and inputs that angles depend on.
        slopes: by how much, of the length of `places`.
        matrices: (matrices, 2, 2), complex.
    """

    wires: int
    gates: Array
    spans: Array
    offsets: Array
    places: Array
    slopes: Array
    matrices: Array


def gate_table(structure: Sequence[Primitive], wires: int, affine: AffineMap) -> GateTable | None:
    """Return the table of a circuit; None if it has data of its own or fixed matrices on several wires.

    Phases that nothing turns any more are left out, as expectation values do not see them.
    """
    gates, angles, matrices = list[Gate](), _Angles(affine), list[FixedMatrix]()
    for primitive in structure:
        found = _gates(primitive, wires, angles, matrices)
        if found is None or (not isinstance(primitive, Preparation) and contradictory(primitive.controls)):
            return None
        gates += found
    rows = [(kind, mask, *_fires(controls, wires), own) for kind, mask, controls, own in _seen(gates)]
    return GateTable(
        wires,
        np.array(rows, dtype=np.int64).reshape(-1, 5),
        np.array(angles.spans, dtype=np.int64).reshape(-1, 3),
        np.array(angles.offsets, dtype=np.float64),
        np.array(angles.places, dtype=np.int64),
        np.array(angles.slopes, dtype=np.float64),
        np.array([matrix.rows for matrix in matrices], dtype=np.complex128).reshape(-1, 2, 2),
    )


class _Angles:
    """Numbers the angles; equal ones share a number."""

    def __init__(self, affine: AffineMap) -> None:
        parts = affine.constant, affine.from_weights, affine.from_inputs
        self._constant, *self._sources = (part.cpu().double().numpy() for part in parts)
        self._known: dict[tuple[int, float], int] = {}
        self.spans, self.offsets = list[tuple[int, int, int]](), list[float]()
        self.places, self.slopes = list[int](), list[float]()

    def number(self, scalar: int, factor: float) -> int:
        """Return the number of the angle `factor` times a scalar."""
        if (scalar, factor) not in self._known:
            self._known[(scalar, factor)] = len(self.spans)
            edges = [len(self.places)]
            for slope in self._sources:
                own = np.flatnonzero(slope[scalar])
                self.places += own.tolist()
                self.slopes += (factor * slope[scalar, own]).tolist()
                edges.append(len(self.places))
            self.spans.append((edges[0], edges[1], edges[2]))
            self.offsets.append(factor * float(self._constant[scalar]))
        return self._known[(scalar, factor)]


Gate = tuple[int, int, Controls, int]
"""Kind, mask, controls, angle or matrix."""


def _gates(
    primitive: Primitive, wires: int, angles: _Angles, matrices: list[FixedMatrix]
) -> list[Gate] | None:
    match primitive:
        case Flip(target, controls):
            return [(FLIP, bit_of(target, wires), controls, 0)]
        case Swap(first, second, controls):
            outer: Gate = (FLIP, bit_of(second, wires), ((first, True),), 0)
            return [outer, (FLIP, bit_of(first, wires), ((second, True), *controls), 0), outer]
        case PhaseGate(scalar, coefficient, parity, controls):
            mask = reduce(xor, (bit_of(wire, wires) for wire in parity), 0)
            return [(PHASE, mask, controls, angles.number(scalar, coefficient))]
        case Unitary(Rotation() as turn, (wire,), controls):
            return _rotation(turn, bit_of(wire, wires), controls, angles)
        case Unitary(FixedMatrix() as matrix, (wire,), controls):
            matrices.append(matrix)
            return [(MATRIX, bit_of(wire, wires), controls, len(matrices) - 1)]
    return None


def _rotation(turn: Rotation, mask: int, controls: Controls, angles: _Angles) -> list[Gate]:
    half = turn.scale / 2
    parts = ((PHASE, turn.phi, -half), (TURN, turn.theta, half), (PHASE, turn.omega, -half))
    return [(kind, mask, controls, angles.number(s, by)) for kind, s, by in parts if s is not None]


def _seen(gates: list[Gate]) -> list[Gate]:
    """Leave out the phases behind the last turn, and those of all states alike."""
    last = max((i for i, gate in enumerate(gates) if gate[0] in (TURN, MATRIX)), default=-1)
    return [gate for i, gate in enumerate(gates) if gate[0] != PHASE or (i < last and (gate[1] or gate[2]))]


def _fires(controls: Controls, wires: int) -> tuple[int, int]:
    """Return the mask of the controls' bits, and the value at which they match."""
    mask = value = 0
    for wire, on in controls:
        mask |= bit_of(wire, wires)
        value |= bit_of(wire, wires) * on
    return mask, value
