import numpy as np
import pennylane as qml
import pytest

from qwatt.core.errors import QwattError
from qwatt.quantum.algorithms import variational_svd as vsvd
from qwatt.quantum.demand import circuit_counts


def matrix_of(values, rows, columns, seed=0):
    rng = np.random.default_rng(seed)
    left, _ = np.linalg.qr(rng.normal(size=(rows, len(values))))
    right, _ = np.linalg.qr(rng.normal(size=(columns, len(values))))
    return (left * values) @ right.T


@pytest.mark.parametrize("objective", vsvd.OBJECTIVES)
def test_a_deep_circuit_finds_the_decomposition(objective):
    matrix = matrix_of([3.0, 1.5, 0.6, 0.2], 4, 4)
    found = vsvd.variational_svd(matrix, 2, 6, objective=objective, steps=300, learning_rate=0.05)
    assert np.allclose(found.values, [3.0, 1.5], atol=0.02)
    left, _, right = np.linalg.svd(matrix)
    assert abs(found.left[:, 0] @ left[:, 0]) > 0.999
    assert abs(found.right[:, 0] @ right[0]) > 0.999
    best = np.linalg.norm(matrix - (left[:, :2] * [3.0, 1.5]) @ right[:2])
    assert np.linalg.norm(matrix - found.matrix) == pytest.approx(best, rel=0.02)


def test_shapes_that_are_no_powers_of_two():
    matrix = matrix_of([2.0, 0.5], 3, 2, 1)
    found = vsvd.variational_svd(matrix, 1, 6, objective="ranked", steps=200, learning_rate=0.05)
    assert found.left.shape == (3, 1) and found.right.shape == (2, 1)
    assert found.values[0] == pytest.approx(2.0, abs=0.02)


def test_a_shallow_circuit_is_worse_but_never_better_than_the_truth():
    matrix = np.random.default_rng(2).normal(size=(8, 8))
    found = vsvd.variational_svd(matrix, 3, 1, steps=60)
    values = np.linalg.svd(matrix, compute_uv=False)
    assert (found.values <= values[0] + 1e-9).all()
    assert np.linalg.norm(matrix - found.matrix) > np.sqrt((values[3:] ** 2).sum())


def test_the_circuit_is_the_two_sided_rotation():
    circuit = vsvd.svd_circuit(2, 3)
    rng = np.random.default_rng(3)
    matrix, weights = rng.normal(size=(4, 4)), rng.normal(size=circuit.weight_shape)

    @qml.qnode(qml.device("default.qubit", wires=4))
    def run():
        circuit.function(matrix.reshape(-1), weights)
        return qml.state()

    left, right = (qml.matrix(vsvd.brick_layers, wire_order=[0, 1])(part, [0, 1]) for part in weights)
    expected = left @ matrix @ right.T / np.linalg.norm(matrix)
    assert np.allclose(np.asarray(run()).reshape(4, 4), expected)


@pytest.mark.parametrize(("wires", "layers"), [(2, 2), (3, 4)])
def test_counts_and_bill(wires, layers):
    counts = circuit_counts(vsvd.svd_circuit(wires, layers))
    bricks = (layers + 1) // 2 * (wires // 2) + layers // 2 * ((wires - 1) // 2)
    assert counts.gates_1q == 4**wires - 1 + 2 * wires * (layers + 1)
    assert counts.gates_2q == 4**wires - 2 + 2 * bricks
    demand = vsvd.svd_demand(wires, layers, 10, shots=7)
    assert demand.circuits == 10 * 2 * 2 * wires * (layers + 1)


@pytest.mark.parametrize(
    ("matrix", "rank", "objective"),
    [(np.eye(4), 5, "ranked"), (np.zeros((2, 2)), 1, "ranked"), (np.eye(4), 1, "largest")],
)
def test_wrong_arguments_are_refused(matrix, rank, objective):
    with pytest.raises(QwattError):
        vsvd.variational_svd(matrix, rank, 2, objective=objective)
