import numpy as np
import pennylane as qml
import pytest

from qwatt.core.errors import QwattError
from qwatt.quantum.circuits.approximate import approximate, brickwork
from qwatt.quantum.primitives import layers as sizes
from qwatt.quantum.primitives.size import size_of


def state(circuit, weights):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run():
        circuit.function(None, weights)
        return qml.state()

    return np.asarray(run())


@pytest.mark.parametrize("wires", range(2, 7))
@pytest.mark.parametrize("layers", [1, 2, 5])
def test_counts(wires, layers):
    found = size_of(brickwork(wires, layers))
    expected = sizes.brickwork(wires, layers)
    assert (found.gates_1q, found.gates_2q) == (expected.gates_1q, expected.gates_2q)
    assert found.depth == expected.depth


def test_the_stated_fidelity_is_the_circuits():
    vector = np.random.default_rng(0).normal(size=16)
    found = approximate(vector, 4, 6, 0.97, steps=300, restarts=3)
    overlap = np.dot(state(found.circuit, found.weights).real, vector / np.linalg.norm(vector)) ** 2
    assert found.fidelity == pytest.approx(overlap, abs=1e-9)
    assert 0.97 <= found.fidelity <= 1


def test_a_product_state_needs_no_training_from_its_own_angles():
    angles = np.array([[0.3, 0.5, 0.7], [0.0, 0.0, 0.0]])
    target = state(brickwork(3, 1), angles).real
    found = approximate(target, 3, 1, 0.999, warm_start=angles)
    assert (found.steps, found.fidelity) == (0, pytest.approx(1))


@pytest.mark.nightly
@pytest.mark.parametrize(("layers", "fidelity"), [(4, 0.23), (8, 0.40), (16, 0.70), (32, 0.92)])
def test_dense_vectors_of_nine_qubits_hardly_compress(layers, fidelity):
    vector = np.random.default_rng(0).normal(size=384)
    found = approximate(vector, 9, layers, 0.95, steps=300, restarts=1)
    assert found.fidelity == pytest.approx(fidelity, abs=0.04)


def test_too_shallow_a_circuit_says_so():
    vector = np.random.default_rng(1).normal(size=32)
    found = approximate(vector, 5, 1, 0.95, steps=40, restarts=1)
    assert found.fidelity < 0.95 and found.steps == 40
    with pytest.raises(QwattError, match="fidelity"):
        approximate(vector, 5, 1, 0.95, steps=5, restarts=1, required=True)
