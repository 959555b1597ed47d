"""Permutations of basis states: every run of X, CNOT, SWAP, Toffoli ... is one index."""

from __future__ import annotations

import numpy as np

from qwatt.quantum.engine.lowering.basis import Index, basis, bit_of, contradictory, control_mask
from qwatt.quantum.engine.lowering.primitives import Flip, Swap


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
