"""Basis indices: which bit a wire is, where controls match, which amplitudes a matrix mixes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.lowering.primitives import Controls, Unitary

Index = npt.NDArray[np.int64]


def bit_of(wire: int, wires: int) -> int:
    """Return the value of the bit of `wire` in a basis index; wire 0 is the most significant."""
    return 1 << (wires - 1 - wire)


def basis(wires: int) -> Index:
    """Return 0 .. 2^wires - 1."""
    return np.arange(1 << wires, dtype=np.int64)


def control_mask(index: Index, controls: Controls, wires: int) -> npt.NDArray[np.bool_]:
    """Return, for each basis index, whether every control wire has its value."""
    mask = value = 0
    for wire, wanted in controls:
        mask |= bit_of(wire, wires)
        value |= bit_of(wire, wires) if wanted else 0
    return np.asarray((index & mask) == value)


def contradictory(controls: Controls) -> bool:
    """Return whether one wire is asked to be both 0 and 1, so that the gate never acts."""
    return len({wire for wire, _ in controls}) < len(set(controls))


def acted_rows(gate: Unitary, wires: int) -> Index:
    """Return the basis indices a controlled matrix mixes, group after group, in the matrix's order."""
    if contradictory(gate.controls):
        return np.zeros(0, dtype=np.int64)
    offsets = np.zeros(1, dtype=np.int64)
    for wire in gate.wires:
        offsets = (offsets[:, None] + np.array([0, bit_of(wire, wires)])).reshape(-1)
    index = basis(wires)
    starts = index[control_mask(index, gate.controls, wires) & ((index & offsets[-1]) == 0)]
    rows: Index = (starts[:, None] + offsets).reshape(-1)
    return rows
