"""Every qubit's own state after the IQP map on a ring: what projected kernels compare (arXiv:2011.01938)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.effort import Effort
from qwatt.core.lazy import lazy
from qwatt.core.method import Context
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.primitives import expectation

if TYPE_CHECKING:
    from qwatt.quantum.circuit import Circuit
    from qwatt.quantum.circuits import feature_maps
else:
    feature_maps = lazy("qwatt.quantum.circuits.feature_maps")
    _engine = lazy("qwatt.quantum.engine")


def bloch_vectors(angles: NDArray[Any], entanglement: str, context: Context) -> NDArray[np.float64]:
    """Measure X of every qubit and then Y, with the context's shots; Z is 0 after this map.

    Args:
        angles: what the map takes, shape (rows, wires).
        entanglement: which qubits are coupled, as in `feature_maps.pairs_of`.
        context: its backend and shots measure, inside its window of circuits.

    Returns:
        Shape (rows, 2 wires).
    """
    backend = circuit_backend(context)
    with context.circuits():
        read = [
            np.asarray(backend.expval(circuit, angles, shots=context.shots), dtype=np.float64)
            for circuit in _circuits(angles.shape[1], entanglement)
        ]
    return np.concatenate(read, axis=1)


def bloch_effort(wires: int, entanglement: str, rows: int, shots: int | None) -> Effort:
    """Bill two circuits a row, one for each axis."""
    return Effort.sum(
        Effort(
            expectation.demand(circuit, rows, shots),
            {"engine_call": 1.0},
            expectation.simulation_flops(circuit, rows),
        )
        for circuit in _circuits(wires, entanglement)
    )


def _circuits(wires: int, entanglement: str) -> list[Circuit]:
    encoding = feature_maps.iqp_map(wires, entanglement=entanglement)
    return [feature_maps.read_across(encoding, axis) for axis in ("X", "Y")]
