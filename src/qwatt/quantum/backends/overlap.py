"""The pairs of a kernel, and the second half of their compute-uncompute test (`circuits.overlap`)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.circuit import Circuit


@lru_cache(maxsize=256)
def inverse_circuit(circuit: Circuit) -> Circuit:
    """Return the second half of the overlap test, the circuit's inverse."""

    def uncompute(inputs: Any, weights: Any) -> None:
        import pennylane as qml

        qml.adjoint(circuit.function)(inputs, weights)

    return Circuit(uncompute, circuit.wires, circuit.n_inputs, circuit.weight_shape, name="inverse")


def pairs(x: Any, y: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
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
