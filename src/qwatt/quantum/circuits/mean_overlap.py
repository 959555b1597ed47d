"""The mean overlap of a vector with many stored ones as the probability of one outcome (arXiv:2109.13820)."""

from __future__ import annotations

from functools import cache
from typing import Any

import pennylane as qml

from qwatt.quantum.circuit import Circuit


@cache
def mean_overlap(index: int, data: int, loads: bool = True) -> Circuit:
    """Load 2^index unit vectors in superposition, undo the load of another, and flag an empty data register.

    The stored vectors x_i side by side, each of length 1, are the amplitudes of sum_i |i>|x_i> / sqrt(N): one
    signed tree loads them. After the inverse load of x the data register is |0...0> with probability
    mean_i (x_i . x)^2, which is what the flag, the last wire, shows.

    Args:
        index: qubits of the index.
        data: qubits of a vector.
        loads: whether vectors are loaded; without, one gate on each wire of the index stands for both loads,
            for counting what is beside them.

    Returns:
        Circuit whose inputs are the stored vectors, flattened, and then x: 2^(index + data) + 2^data values.
    """
    stored = 2 ** (index + data)
    wires = list(range(index + data))

    def function(inputs: Any, _: Any) -> None:
        if loads:
            qml.AmplitudeEmbedding(inputs[..., :stored], wires=wires, normalize=True)
            with qml.QueuingManager.stop_recording():
                load = qml.AmplitudeEmbedding(inputs[..., stored:], wires=wires[index:], normalize=True)
            qml.adjoint(load)
        else:
            for wire in wires[:index]:
                qml.Hadamard(wire)
        qml.MultiControlledX(wires=[*wires[index:], index + data], control_values=[0] * data)

    return Circuit(
        function, index + data + 1, stored + 2**data, measured=(index + data,), name="mean_overlap"
    )
