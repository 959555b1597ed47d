"""Diagonal gates: every run of RZ, CZ, ZZ, phases ... is one vector of phases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.permutation import Index, bit_of, contradictory, control_mask
from qwatt.quantum.engine.primitives import DiagonalData, Phase

Generator = npt.NDArray[np.float64]


def generator(gate: Phase, index: Index, wires: int) -> Generator:
    """Return g of the shape of `index`: the gate multiplies amplitude i by exp(i * scalar * g[i])."""
    if contradictory(gate.controls):
        return np.zeros(len(index))
    sign = np.full(len(index), gate.coefficient)
    for wire in gate.parity:
        sign = np.where(index & bit_of(wire, wires), -sign, sign)
    return np.where(control_mask(index, gate.controls, wires), sign, 0.0)


def data_index(gate: DiagonalData, index: Index, wires: int) -> Index:
    """Return which of the gate's 2^k entries each basis index takes; 2^k where a control does not match."""
    position = np.zeros(len(index), dtype=np.int64)
    for wire in gate.wires:
        position = 2 * position + ((index & bit_of(wire, wires)) != 0)
    if contradictory(gate.controls):
        return np.full(len(index), 1 << len(gate.wires))
    return np.where(control_mask(index, gate.controls, wires), position, 1 << len(gate.wires))
