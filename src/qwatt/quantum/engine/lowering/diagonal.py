"""Diagonal gates: every run of RZ, CZ, ZZ, phases ... is one vector of phases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.lowering.basis import Index, basis, bit_of, contradictory, control_mask
from qwatt.quantum.engine.lowering.primitives import DiagonalData, PhaseGate

Generator = npt.NDArray[np.float64]


def generator(gate: PhaseGate, index: Index, wires: int) -> Generator:
    """Return g of the shape of `index`: the gate multiplies amplitude i by exp(i * scalar * g[i])."""
    if contradictory(gate.controls):
        return np.zeros(len(index))
    sign = np.full(len(index), gate.coefficient)
    for wire in gate.parity:
        sign = np.where(index & bit_of(wire, wires), -sign, sign)
    return np.where(control_mask(index, gate.controls, wires), sign, 0.0)


def on_one_wire(gate: PhaseGate) -> Generator:
    """Return the two entries of the generator of a gate that acts on one wire."""
    parity = tuple(0 for _ in gate.parity)
    controls = tuple((0, value) for _, value in gate.controls)
    return generator(PhaseGate(gate.scalar, gate.coefficient, parity, controls), basis(1), 1)


def parities(gate: PhaseGate, wires: int) -> dict[int, float]:
    """Return the gate's generator as a sum of parities: bit mask -> coefficient of (-1)^parity(mask and i).

    A control on bit value v is the factor (1 + (-1)^v Z) / 2, so c controls make 2^c terms.
    """
    if contradictory(gate.controls):
        return {}
    mask = 0
    for wire in gate.parity:
        mask ^= bit_of(wire, wires)
    terms = {mask: gate.coefficient}
    for wire, value in set(gate.controls):
        bit, sign = bit_of(wire, wires), -1.0 if value else 1.0
        grown: dict[int, float] = {}
        for old, coefficient in terms.items():
            grown[old] = grown.get(old, 0.0) + coefficient / 2
            grown[old ^ bit] = grown.get(old ^ bit, 0.0) + sign * coefficient / 2
        terms = grown
    return terms


def data_index(gate: DiagonalData, index: Index, wires: int) -> Index:
    """Return which of the gate's 2^k entries each basis index takes; 2^k where a control does not match."""
    position = np.zeros(len(index), dtype=np.int64)
    for wire in gate.wires:
        position = 2 * position + ((index & bit_of(wire, wires)) != 0)
    if contradictory(gate.controls):
        return np.full(len(index), 1 << len(gate.wires))
    return np.where(control_mask(index, gate.controls, wires), position, 1 << len(gate.wires))
