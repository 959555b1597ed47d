"""Permutations of basis states: every run of X, CNOT, SWAP, Toffoli ... is one index."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qwatt.quantum.engine.lowering.primitives import Controls, Flip, Swap

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


def source_index(gate: Flip | Swap, wires: int, after: Index | None = None) -> Index:
    """Return `source` with new_state[i] = old_state[source[i]]; shape (2^wires,).

    With `after`, the index of a permutation that follows, return the index of both together.
    """
    index = basis(wires) if after is None else after
    if contradictory(gate.controls):
        return index
    acts = control_mask(index, gate.controls, wires)
    if isinstance(gate, Flip):
        return index ^ np.where(acts, bit_of(gate.target, wires), 0)
    first, second = bit_of(gate.first, wires), bit_of(gate.second, wires)
    differ = ((index & first) != 0) != ((index & second) != 0)
    return index ^ np.where(acts & differ, first | second, 0)


def inverse_index(source: Index) -> Index:
    """Return the index of the inverse permutation."""
    inverse = np.empty_like(source)
    inverse[source] = np.arange(len(source))
    return inverse
