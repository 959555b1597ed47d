"""Small circuits, and what PennyLane's default.qubit says about them."""

import numpy as np
import pennylane as qml

from qwatt.quantum.circuit import Circuit


def layered(inputs, weights):
    for wire in range(3):
        qml.RY(inputs[..., wire], wires=wire)
    for layer in range(2):
        for wire in range(3):
            qml.RX(weights[layer, wire], wires=wire)
        qml.CNOT([0, 1])
        qml.CZ([1, 2])
        qml.RZ(inputs[..., 0], wires=2)


def encode(inputs, weights):
    for wire in range(3):
        qml.Hadamard(wire)
        qml.RZ(inputs[..., wire], wires=wire)
    qml.IsingZZ(inputs[..., 0] * inputs[..., 1], wires=[0, 1])
    qml.IsingZZ(inputs[..., 1] * inputs[..., 2], wires=[1, 2])
    for wire in range(3):
        qml.RY(inputs[..., wire], wires=wire)


def fixed(inputs, weights):
    qml.RY(0.4, wires=0)
    qml.CNOT([0, 1])


LAYERED = Circuit(layered, wires=3, n_inputs=3, weight_shape=(2, 3), measured=(0, 2), name="layered")
ENCODE = Circuit(encode, wires=3, n_inputs=3, name="encode")
FIXED = Circuit(fixed, wires=2, name="fixed")


def data(batch=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (batch, 3)), rng.uniform(-1, 1, (2, 3))


def oracle_states(circuit, inputs, weights=None):
    device = qml.device("default.qubit", wires=circuit.wires)

    @qml.qnode(device)
    def run(row):
        circuit.function(row, weights)
        return qml.state()

    return np.stack([run(row) for row in inputs])
