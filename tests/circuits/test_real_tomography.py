"""Real amplitudes with their signs, read from n + 1 bases."""

import numpy as np
import pytest

from qwatt.quantum.algorithms.real_tomography import (
    basis_angles,
    orthogonal_demand,
    read_orthogonal,
    read_real,
    tomography_demand,
)
from qwatt.quantum.algorithms.variational_svd import svd_demand, variational_svd, variational_svds
from qwatt.quantum.algorithms.variational_svd_reading import read_factors, reading_demand
from qwatt.quantum.backends import get_circuit_backend
from qwatt.quantum.circuits.approximate import turned_brickwork


def truth(wires, angles, inverse=False):
    """The brickwork's matrix out of PennyLane, column by column."""
    import pennylane as qml

    circuit = turned_brickwork(wires, len(angles) - 1, inverse=inverse)
    columns = []
    for row in basis_angles(range(2**wires), wires):
        tape = qml.tape.make_qscript(circuit.function)(row, angles)
        matrix = qml.matrix(tape, wire_order=range(wires))
        columns.append(matrix[:, 0].real)
        assert np.abs(matrix[:, 0].imag).max() < 1e-12
    return np.stack(columns)


@pytest.fixture
def angles():
    return np.random.default_rng(5).normal(0.0, 1.0, (3, 3))


@pytest.mark.parametrize("inverse", [False, True])
def test_exact_reading_is_the_state_up_to_a_sign(angles, inverse):
    backend = get_circuit_backend("engine:cpu?dtype=complex128")
    found = read_real(
        backend, basis_angles(range(8), 3), angles, None, np.random.default_rng(0), inverse=inverse
    )
    expected = truth(3, angles, inverse)
    assert np.allclose(np.abs((found * expected).sum(axis=1)), 1.0, atol=1e-9)


def test_the_inverse_is_the_transpose(angles):
    assert np.allclose(truth(3, angles).T, truth(3, angles, inverse=True), atol=1e-12)


def test_shots_come_close_and_are_billed(angles):
    backend = get_circuit_backend("engine")
    found = read_real(backend, basis_angles([1, 6], 3), angles, 100_000, np.random.default_rng(0))
    overlaps = np.abs((found * truth(3, angles)[[1, 6]]).sum(axis=1))
    assert overlaps.min() > 0.999
    planned = tomography_demand(3, 2, 2, 100_000)
    assert (planned.circuits, planned.shots) == (8, 800_000)
    assert planned.to_record() == backend.recorder.demand.to_record()


def test_trained_factors_are_read_as_the_simulator_knows_them():
    matrix = np.random.default_rng(1).normal(size=(4, 4))
    backend = get_circuit_backend("engine:cpu?dtype=complex128")
    found = variational_svd(matrix, 2, 4, steps=60)
    exact = read_factors(backend, found, matrix, None, np.random.default_rng(0))
    assert np.allclose(exact.matrix, found.matrix, atol=1e-6)
    backend = get_circuit_backend("engine")
    near = read_factors(backend, found, matrix, 200_000, np.random.default_rng(0))
    assert np.abs(near.matrix - found.matrix).max() < 0.05 * np.linalg.norm(matrix)
    assert reading_demand(2, 4, 2, 200_000).to_record() == backend.recorder.demand.to_record()


def test_matrices_side_by_side_are_found_as_alone():
    drawn = np.random.default_rng(2).normal(size=(2, 4, 3))
    both = variational_svds(list(drawn), 2, 3, steps=30)
    for matrix, found in zip(drawn, both, strict=True):
        assert np.allclose(found.matrix, variational_svd(matrix, 2, 3, steps=30).matrix, atol=1e-9)


def test_without_entanglers_no_two_qubit_gate_is_billed_beyond_loading():
    with_them = svd_demand(2, 3, 5, shots=10)
    without = svd_demand(2, 3, 5, shots=10, entangle=False)
    assert with_them.circuits == without.circuits == 2 * 16 * 5
    bricks = 2 * sum(len(range(column % 2, 1, 2)) for column in range(3))
    assert with_them.gates_2q - without.gates_2q == bricks * with_them.circuits


@pytest.mark.parametrize("scale", [0.0, 0.05, 2.0], ids=["diagonal", "near-diagonal", "far"])
def test_a_whole_matrix_is_read_with_its_signs(scale):
    drawn = np.random.default_rng(7).normal(0.0, 1.0, (4, 3)) * scale
    expected = truth(3, drawn).T
    backend = get_circuit_backend("engine:cpu?dtype=complex128")
    exact = read_orthogonal(backend, drawn, None, np.random.default_rng(0), expected)
    assert np.allclose(exact, expected, atol=1e-6)
    backend = get_circuit_backend("engine")
    near = read_orthogonal(backend, drawn, 50_000, np.random.default_rng(0), expected)
    assert np.linalg.norm(near - expected) / 8**0.5 < 0.05
    assert np.allclose(near @ near.T, np.eye(8), atol=1e-9)
    assert orthogonal_demand(3, 3, 50_000).to_record() == backend.recorder.demand.to_record()
