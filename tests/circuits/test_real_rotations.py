import numpy as np
import pennylane as qml
import pytest

from qwatt.quantum.circuits import approximate
from qwatt.quantum.circuits.real_rotations import brickwork, fit, overlap_slopes, staircase, states
from qwatt.quantum.primitives import layers as sizes
from qwatt.quantum.primitives.size import size_of

ANSAETZE = [brickwork(3, 2), brickwork(4, 3), brickwork(2, 0), staircase(3, 1), staircase(4, 2)]


def unit(rows, columns, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(rows, columns))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def default_qubit(circuit, inputs=None, weights=None):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def run():
        circuit.function(inputs, weights)
        return qml.state()

    return np.asarray(run())


@pytest.mark.parametrize("ansatz", ANSAETZE)
def test_states_are_default_qubits(ansatz):
    angles = np.random.default_rng(1).normal(size=(ansatz.angles, 3)).astype(np.float32)
    found = states(ansatz, angles)
    for column in range(3):
        assert default_qubit(ansatz.circuit(), angles[:, column]) == pytest.approx(found[:, column], abs=1e-5)


@pytest.mark.parametrize("ansatz", ANSAETZE)
def test_slopes_are_the_parameter_shifts(ansatz):
    """The overlap is a sine of half an angle, so its slope is half its value a half-turn on."""
    angles = np.random.default_rng(2).normal(size=(ansatz.angles, 2)).astype(np.float32)
    targets = unit(2, 2**ansatz.wires).T.astype(np.float32)
    overlaps, slopes = overlap_slopes(ansatz, angles, targets)
    assert overlaps == pytest.approx((states(ansatz, angles) * targets).sum(0), abs=1e-6)
    for number in range(ansatz.angles):
        shifted = angles.copy()
        shifted[number] += np.pi
        assert slopes[number] == pytest.approx((states(ansatz, shifted) * targets).sum(0) / 2, abs=1e-5)


def test_the_brickwork_is_that_of_approximate():
    weights = np.random.default_rng(3).normal(size=(4, 3))
    one, other = approximate.brickwork(3, 3), brickwork(3, 3).circuit()
    assert default_qubit(one, None, weights) == pytest.approx(default_qubit(other, weights.ravel()))
    found, expected = size_of(other), sizes.brickwork(3, 3)
    assert (found.gates_1q, found.gates_2q, found.depth) == (
        expected.gates_1q,
        expected.gates_2q,
        expected.depth,
    )


def test_one_stair_is_every_real_state_of_three_wires():
    """Bond dimension 2 is all that three wires can have; a step has 6 RY and 2 CNOT."""
    found = fit(staircase(3, 1), unit(20, 8), steps=600, rng=np.random.default_rng(0), fidelity=0.9999)
    assert np.median(found.fidelities) > 0.999
    size = size_of(staircase(5, 2).circuit())
    assert (size.gates_1q, size.gates_2q) == (2 * 4 * 6, 2 * 4 * 2)


def test_no_stair_is_better_than_the_best_state_of_bond_two():
    """Across the middle of four wires at most two Schmidt values can be kept."""
    targets = unit(10, 16, 5)
    best = [np.sort(np.linalg.svd(t.reshape(4, 4))[1] ** 2)[-2:].sum() for t in targets]
    found = fit(staircase(4, 1), targets, steps=400, rng=np.random.default_rng(0))
    assert (found.fidelities <= np.array(best) + 1e-5).all()
    assert found.fidelities.mean() > 0.85 * np.mean(best)


def test_one_column_finds_product_states_and_no_more():
    rng = np.random.default_rng(4)
    angles = rng.normal(size=(2, 4)).astype(np.float32)
    products = states(brickwork(2, 0), angles).T
    assert fit(brickwork(2, 0), products, steps=300, rng=rng).fidelities.min() > 0.99
    bell = np.array([[1, 0, 0, 1]]) / np.sqrt(2)
    assert fit(brickwork(2, 0), bell, steps=300, rng=rng).fidelities[0] == pytest.approx(0.5, abs=1e-3)


def test_a_fit_stops_when_all_are_good_enough():
    found = fit(brickwork(2, 4), unit(5, 4), steps=500, rng=np.random.default_rng(0), fidelity=0.99)
    assert found.steps < 500 and found.fidelities.min() >= 0.99
