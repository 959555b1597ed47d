"""What users of PennyLane's devices reported; the list with addresses is design/0003-public-reports.md."""

import networkx as nx
import numpy as np
import pennylane as qml
import pytest

UNITARY = qml.S(0).matrix() @ qml.Hadamard(0).matrix()


def probabilities_of_wires_found_while_running():
    qml.RX(1.23, wires=9)
    qml.RY(1.23, wires=20)
    return qml.probs()


def a_product_of_matrices():
    qml.QubitUnitary(UNITARY, wires=0)
    return qml.state()


def a_basis_state_and_random_layers():
    qml.BasisState(np.array([1]), wires=1)
    qml.RandomLayers(np.array([[0.1, -2.1, 1.4]]), wires=0, seed=7)
    return qml.state()


def batches_of_one():
    qml.RX(np.array([0.54]), wires=0)
    qml.RY(np.array([0.12]), wires=0)
    return qml.expval(qml.Z(0))


def one_wire_measured_of_a_bell_pair():
    qml.Hadamard(0)
    qml.CNOT([0, 1])
    qml.measure(0)
    return qml.density_matrix(wires=1)


def a_gate_under_a_measurement():
    qml.Hadamard(0)
    qml.cond(qml.measure(0), qml.Hadamard)(0)
    return qml.expval(qml.X(0)), qml.expval(qml.Y(0)), qml.expval(qml.Z(0))


def a_post_selection_correlated_with_an_earlier_measurement():
    qml.Hadamard(0)
    first = qml.measure(0)
    qml.measure(0, postselect=1)
    return qml.expval(first)


def a_block_encoding():
    qml.Hadamard(0)
    qml.PrepSelPrep(0.3 * qml.Z(2) + 0.7 * qml.X(2), control=0)
    return qml.state()


def qaoa_layers():
    cost, mixer = qml.qaoa.maxcut(nx.gnm_random_graph(6, 9, seed=1))
    for wire in range(6):
        qml.Hadamard(wire)
    for _ in range(2):
        qml.qaoa.cost_layer(1.0, cost)
        qml.qaoa.mixer_layer(1.0, mixer)
    return qml.expval(cost)


CIRCUITS = [
    probabilities_of_wires_found_while_running,
    a_product_of_matrices,
    a_basis_state_and_random_layers,
    batches_of_one,
    one_wire_measured_of_a_bell_pair,
    a_gate_under_a_measurement,
    a_post_selection_correlated_with_an_earlier_measurement,
    a_block_encoding,
    qaoa_layers,
]


@pytest.mark.parametrize("circuit", CIRCUITS)
def test_the_result_is_that_of_default_qubit_in_value_and_shape(circuit):
    ours, theirs = (qml.QNode(circuit, qml.device(n))() for n in ("qwatt.statevector", "default.qubit"))
    assert np.shape(ours) == np.shape(theirs)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_an_observable_on_a_wire_that_the_device_lacks_is_refused():
    hamiltonian = 1.5 * qml.Z(0) @ qml.Z(1) + 0.3 * qml.X(1)
    with pytest.raises(qml.exceptions.WireError, match="not found on the device"):
        qml.QNode(lambda: qml.expval(hamiltonian), qml.device("qwatt.statevector", wires=1))()


def test_counts_of_a_batch_and_several_numbers_of_shots():
    def circuit(angles):
        qml.RX(angles, 0)
        return qml.counts(wires=0)

    node = qml.set_shots(qml.QNode(circuit, qml.device("qwatt.statevector", wires=1)), [10, 20])
    found = node(np.array([0.0, np.pi]))
    assert [[dict(c) for c in part] for part in found] == [[{"0": 10}, {"1": 10}], [{"0": 20}, {"1": 20}]]
