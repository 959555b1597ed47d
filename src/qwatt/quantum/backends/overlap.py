"""Overlaps of all pairs of samples, and the second half of their compute-uncompute test."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.circuit import Circuit

if TYPE_CHECKING:
    import torch

    from qwatt.quantum.circuit import Array

_AMPLITUDES = 2**22
"""About as many are simulated at a time."""


@lru_cache(maxsize=256)
def inverse_circuit(circuit: Circuit) -> Circuit:
    """Return the second half of the overlap test, the circuit's inverse."""

    def uncompute(inputs: Any, weights: Any) -> None:
        import pennylane as qml

        qml.adjoint(circuit.function)(inputs, weights)

    return Circuit(uncompute, circuit.wires, circuit.n_inputs, circuit.weight_shape, name="inverse")


def pairs(x: Array, y: Array | None) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return row indices, column indices and stacked inputs of every pair that a QPU must run.

    Without `y`, the pairs are those above the diagonal.
    """
    first = np.asarray(x, dtype=np.float64)
    second = first if y is None else np.asarray(y, dtype=np.float64)
    if y is None:
        rows, columns = np.triu_indices(len(first), k=1)
    else:
        rows, columns = (index.ravel() for index in np.indices((len(first), len(second))))
    return rows, columns, np.concatenate([first[rows], second[columns]], axis=1)


def over_pairs(
    x: Array, y: Array | None, wires: int, read: Callable[[NDArray[np.float64]], torch.Tensor]
) -> torch.Tensor:
    """Return what is read of every pair, shape (N, M); without `y` only above the diagonal.

    Args:
        x: shape (N, n_inputs).
        y: shape (M, n_inputs), or None for `x` itself.
        wires: of one sample's circuit; pairs are read as many at a time as memory holds.
        read: from stacked inputs (pairs, 2 n_inputs) to one number a pair, shape (pairs,).
    """
    import torch

    rows, columns, stacked = pairs(x, y)
    values = torch.zeros(len(x), len(x if y is None else y))
    for part in slices(len(rows), wires):
        values[rows[part], columns[part]] = read(stacked[part]).cpu().to(values.dtype)
    return values


def slices(count: int, wires: int) -> list[slice]:
    """Return parts of a number of circuits, each as many as memory holds."""
    step = max(1, _AMPLITUDES // 2**wires)
    return [slice(start, start + step) for start in range(0, count, step)]
