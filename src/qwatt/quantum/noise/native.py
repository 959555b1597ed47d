"""A circuit as a QPU runs it: layers of one-qubit gates, each followed by a layer of CZ.

Every qubit may reach every other: routing on the machine's own connectivity is not modelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.state_preparation import prepare_complex, prepare_real
from qwatt.quantum.operators import OperatorWalk

Matrix = NDArray[np.complex128]
Gate = tuple[tuple[int, ...], Matrix | None]
"""Wires and matrix of a one-qubit gate; the two wires of a CZ and None; or no wires for a barrier."""

_HADAMARD = np.array([[1, 1], [1, -1]], dtype=np.complex128) / np.sqrt(2)
_NO_GATE = {"Barrier", "Identity", "GlobalPhase", "Snapshot", "WireCut"}


@dataclass
class NativeLayer:
    """One-qubit gates by wire, shape (2, 2) or (batch, 2, 2), then CZ on disjoint pairs of wires."""

    gates: dict[int, Matrix] = field(default_factory=dict)
    pairs: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class NativeCircuit:
    """Layers on a number of wires; the last layer has no CZ, nor has one before a barrier."""

    wires: int
    layers: list[NativeLayer]
    batch: int


def lower(circuit: Circuit, inputs: Any, weights: Any) -> NativeCircuit:
    """Decompose into one-qubit gates and CZ, merge the former, and pack as early as possible.

    Args:
        circuit: what runs.
        inputs: shape (batch, n_inputs), (n_inputs,) or None.
        weights: shape `circuit.weight_shape`, or None.

    Raises:
        QwattError: an operation has no decomposition.
    """
    rows = None if inputs is None else np.asarray(_numbers(inputs), dtype=np.float64)
    values = None if weights is None else np.asarray(_numbers(weights), dtype=np.float64)
    tape = qml.tape.make_qscript(circuit.function)(rows, values)
    batch = 1 if rows is None or rows.ndim < 2 else len(rows)
    if any(isinstance(_base(op), qml.StatePrep) for op in tape.operations) and batch > 1:
        return _stack([lower(circuit, row, weights) for row in rows])  # type: ignore[union-attr]
    gates = (gate for op in tape.operations for gate in _GATES.walk(op))
    return NativeCircuit(circuit.wires, _pack(gates), batch)


def pulses(gate: Matrix) -> int:
    """Return how many 90-degree pulses a one-qubit gate takes with free Z rotations: 0, 1 or 2.

    Over a batch, the most that any of its matrices takes.
    """
    swapped = np.abs(gate[..., 0, 1]) ** 2
    if (swapped < 1e-9).all():
        return 0
    return 1 if (np.minimum(np.abs(swapped - 0.5), np.abs(swapped - 1.0)) < 1e-9).all() else 2


def _numbers(values: Any) -> Any:
    return values.detach().cpu() if hasattr(values, "detach") else values


def _base(op: Any) -> Any:
    return _base(op.base) if hasattr(op, "base") else op


class _NativeWalk(OperatorWalk[Gate]):
    """Writes operators as one-qubit gates and CZ."""

    def known(self, op: Any) -> list[Gate] | None:
        wires = tuple(int(wire) for wire in op.wires)
        if op.name in _NO_GATE:
            return [((), None)] if op.name == "Barrier" else []
        if isinstance(op, qml.StatePrep):
            return [gate for part in _preparation(op) for gate in self.walk(part)]
        if len(wires) == 1:
            return [(wires, np.asarray(op.matrix(), dtype=np.complex128))]
        if op.name == "CZ":
            return [(wires, None)]
        if op.name == "CNOT":
            return [((wires[1],), _HADAMARD), (wires, None), ((wires[1],), _HADAMARD)]
        return None

    def inverse(self, parts: list[Gate]) -> list[Gate]:
        return [
            (wires, None if matrix is None else matrix.conj().swapaxes(-1, -2))
            for wires, matrix in reversed(parts)
        ]

    def otherwise(self, op: Any) -> list[Gate]:
        raise QwattError(
            f"{op.name} on {len(op.wires)} wires has no decomposition into one-qubit gates and CZ",
            mend="write the circuit with operations that PennyLane can decompose",
        )


_GATES = _NativeWalk()


def _preparation(op: Any) -> list[Any]:
    """Return the gates that prepare a state of one sample."""
    state = np.asarray(op.state_vector()).reshape(-1)
    prepare = prepare_complex if np.abs(state.imag).max() > 0 else prepare_real
    found: list[Any] = qml.tape.make_qscript(prepare)(state, list(op.wires)).operations
    return found


def _pack(gates: Iterator[Gate]) -> list[NativeLayer]:
    layers: list[NativeLayer] = []
    waiting: dict[int, Matrix] = {}
    level: dict[int, int] = {}
    floor = 0
    for wires, matrix in gates:
        if matrix is not None:
            waiting[wires[0]] = matrix @ waiting[wires[0]] if wires[0] in waiting else matrix
            continue
        if not wires:
            layers.append(NativeLayer(waiting))
            waiting, floor = {}, len(layers)
            continue
        at = max(floor, *(level.get(wire, 0) for wire in wires))
        if at == len(layers):
            layers.append(NativeLayer())
        layers[at].pairs.append((wires[0], wires[1]))
        for wire in wires:
            level[wire] = at + 1
            if wire in waiting:
                layers[at].gates[wire] = waiting.pop(wire)
    return [*layers, NativeLayer(waiting)]


def _stack(parts: list[NativeCircuit]) -> NativeCircuit:
    """Join the native circuits of single samples, which a state preparation gives the same layout."""
    layers = []
    for same in zip(*(part.layers for part in parts), strict=True):
        gates = {w: np.stack([layer.gates[w] for layer in same]) for w in same[0].gates}
        layers.append(NativeLayer(gates, same[0].pairs))
    return NativeCircuit(parts[0].wires, layers, len(parts))


def single(circuit: NativeCircuit, row: int) -> NativeCircuit:
    """Return one sample of a batched native circuit."""
    layers = [
        NativeLayer(
            {w: gate[row] if gate.ndim == 3 else gate for w, gate in layer.gates.items()}, layer.pairs
        )
        for layer in circuit.layers
    ]
    return NativeCircuit(circuit.wires, layers, 1)
