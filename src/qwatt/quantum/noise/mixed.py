"""Exact noisy simulation by PennyLane's default.mixed: slow, but nobody's work but PennyLane's."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.quantum.noise.native import NativeCircuit
from qwatt.quantum.noise.rates import ErrorRates
from qwatt.quantum.noise.schedule import LayerErrors, schedule


def mixed_probs(circuit: NativeCircuit, rates: ErrorRates) -> NDArray[np.float64]:
    """Return the probabilities of measured bit strings of one sample: (2**wires,)."""
    import pennylane as qml

    def run() -> Any:
        for layer, errors in zip(circuit.layers, schedule(circuit, rates), strict=True):
            for wire, gate in layer.gates.items():
                qml.QubitUnitary(gate, wires=wire)
            for wire, count in errors.pulsed.items():
                for _ in range(count):
                    qml.DepolarizingChannel(rates.pauli_1q, wires=wire)
            for first, second in layer.pairs:
                qml.CZ([first, second])
                qml.QubitChannel(depolarising_2q(rates.pauli_2q), wires=[first, second])
            _wait(errors, rates)
        for wire in range(circuit.wires):
            qml.BitFlip(rates.readout, wires=wire)
        return qml.probs(wires=range(circuit.wires))

    node = qml.QNode(run, qml.device("default.mixed", wires=circuit.wires))
    return np.asarray(node(), dtype=np.float64)


def depolarising_2q(struck: float) -> list[NDArray[np.complex128]]:
    """Return the 16 Kraus operators of a two-qubit Pauli error with total probability `struck`."""
    one = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    weights = [1.0 - struck, *[struck / 15.0] * 15]
    strings = [np.kron(a, b) for a in one for b in one]
    return [np.sqrt(weight) * string for weight, string in zip(weights, strings, strict=True)]


def waiting_kraus(rates: ErrorRates, seconds: float) -> list[NDArray[np.complex128]]:
    """Return the Kraus operators of a wait: amplitude damping and pure dephasing, or depolarising."""
    flat, kept, restored = rates.waiting(seconds)
    if restored:
        damp = [np.diag([1.0, np.sqrt(kept)]), np.array([[0.0, np.sqrt(restored)], [0.0, 0.0]])]
        coherence = flat / np.sqrt(kept)
    else:
        third = (1.0 - kept) / 4.0
        paulis = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
        damp = [np.sqrt(1.0 - 3.0 * third) * np.eye(2), *(np.sqrt(third) * pauli for pauli in paulis)]
        coherence = 1.0
    phase = [np.sqrt((1 + coherence) / 2) * np.eye(2), np.sqrt((1 - coherence) / 2) * np.diag([1.0, -1.0])]
    return [np.asarray(p @ d, dtype=np.complex128) for p in phase for d in damp]


def _wait(errors: LayerErrors, rates: ErrorRates) -> None:
    import pennylane as qml

    for wire, seconds in errors.waits.items():
        qml.QubitChannel(waiting_kraus(rates, seconds), wires=wire)
