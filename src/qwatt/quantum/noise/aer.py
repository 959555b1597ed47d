"""Exact noisy simulation by Qiskit Aer's density matrix (extra `noise`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import MissingExtraError
from qwatt.quantum.noise.mixed import depolarising_2q, waiting_kraus
from qwatt.quantum.noise.native import NativeCircuit
from qwatt.quantum.noise.rates import ErrorRates
from qwatt.quantum.noise.schedule import schedule
from qwatt.quantum.noise.trajectories import readout_flips


def aer_probs(circuit: NativeCircuit, rates: ErrorRates) -> NDArray[np.float64]:
    """Return the probabilities of measured bit strings of one sample: (2**wires,).

    Raises:
        MissingExtraError: qiskit-aer is not installed.
    """
    try:
        from qiskit import QuantumCircuit
        from qiskit_aer import AerSimulator
    except ImportError:
        raise MissingExtraError("simulator=aer", "noise") from None
    # Qiskit counts qubits from the least significant bit; wire 0 is the most significant here.
    program: Any = QuantumCircuit(circuit.wires)
    _fill(program, circuit, rates)
    program.save_probabilities()
    run = AerSimulator(method="density_matrix", max_parallel_threads=1).run(program, shots=1)
    return readout_flips(np.asarray(run.result().data()["probabilities"]), circuit.wires, rates.readout)


def _fill(program: Any, circuit: NativeCircuit, rates: ErrorRates) -> None:
    from qiskit.circuit.library import UnitaryGate
    from qiskit.quantum_info import Kraus

    bit = [circuit.wires - 1 - wire for wire in range(circuit.wires)]
    paulis = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    weights = [1.0 - rates.pauli_1q, *[rates.pauli_1q / 3.0] * 3]
    pulse = Kraus([np.sqrt(w) * p for w, p in zip(weights, paulis, strict=True)])
    couple = Kraus(depolarising_2q(rates.pauli_2q))
    for layer, errors in zip(circuit.layers, schedule(circuit, rates), strict=True):
        for wire, gate in layer.gates.items():
            program.append(UnitaryGate(gate), [bit[wire]])
        for wire, count in errors.pulsed.items():
            for _ in range(count):
                program.append(pulse, [bit[wire]])
        for first, second in layer.pairs:
            program.cz(bit[first], bit[second])
            program.append(couple, [bit[first], bit[second]])
        for wire, seconds in errors.waits.items():
            program.append(Kraus(waiting_kraus(rates, seconds)), [bit[wire]])
