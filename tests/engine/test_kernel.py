"""Fidelity kernels against `default.qubit` pair by pair, and the recognition of diagonal maps."""

import math

import numpy as np
import pennylane as qml
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine.kernel import fidelity as kernel
from qwatt.quantum.engine.kernel.fidelity import fidelity_kernel
from qwatt.quantum.engine.kernel.phase_polynomial import phase_polynomials
from qwatt.quantum.engine.lowering.trace import trace


def hadamards(wires):
    for wire in wires:
        qml.Hadamard(wire)


def zz_map(x, _, repetitions=2):
    """The ZZ map of arXiv:1804.11326 in its CNOT-phase-CNOT form."""
    for _ in range(repetitions):
        hadamards(range(4))
        for i in range(4):
            qml.PhaseShift(2 * x[..., i], wires=i)
        for i in range(4):
            for j in range(i + 1, 4):
                qml.CNOT([i, j])
                qml.PhaseShift(2 * (math.pi - x[..., i]) * (math.pi - x[..., j]), wires=j)
                qml.CNOT([i, j])


def zz_rotations(x, _):
    for _ in range(3):
        hadamards(range(4))
        for i in range(4):
            qml.RZ(x[..., i], wires=i)
            qml.IsingZZ(x[..., i] * x[..., (i + 1) % 4], wires=[i, (i + 1) % 4])


def interleaved(x, _):
    """H and RZ wire by wire, CNOTs that only permute at the end, H on them, and fixed diagonals inside."""
    for i in range(4):
        qml.Hadamard(i)
        qml.RZ(x[..., i], wires=i)
    qml.CZ([0, 2])
    qml.S(1)
    qml.T(3)
    hadamards(range(4))
    qml.MultiRZ(x[..., 0] * x[..., 3], wires=[0, 1, 3])
    qml.CNOT([0, 1])
    qml.Hadamard(0)


def controlled_phases(x, _):
    hadamards(range(4))
    qml.X(2)
    qml.ControlledPhaseShift(x[..., 0], wires=[0, 2])
    qml.CRZ(x[..., 1], wires=[1, 3])
    qml.ctrl(qml.PhaseShift(x[..., 2], wires=0), control=[1, 2], control_values=[0, 1])
    qml.SWAP([0, 3])
    qml.RZ(x[..., 3], wires=0)
    qml.SWAP([0, 3])
    qml.X(2)
    hadamards(range(4))
    qml.RZ(x[..., 0], wires=1)


def partial_hadamards(x, _):
    hadamards(range(3))
    for i in range(4):
        qml.RZ(x[..., i], wires=i)
    qml.CNOT([0, 3])
    hadamards(range(4))
    qml.RZ(x[..., 0], wires=3)


def moved_layer(x, _):
    hadamards(range(4))
    qml.RZ(x[..., 0], wires=0)
    qml.CNOT([0, 1])
    qml.RZ(x[..., 1], wires=1)
    hadamards(range(4))
    for i in range(4):
        qml.RZ(x[..., i], wires=i)


def angle_map(x, _):
    for i in range(4):
        qml.RY(x[..., i], wires=i)
    qml.CNOT([0, 1])


def general(x, w):
    for i in range(4):
        qml.RX(x[..., i], wires=i)
    for i in range(3):
        qml.CNOT([i, i + 1])
        qml.RY(w[i], wires=i)
        qml.RZ(x[..., i], wires=i)


def samples(count, seed):
    return torch.from_numpy(np.random.default_rng(seed).uniform(0, 3, size=(count, 4)))


def pairwise(function, x, y, weights=None):
    """One simulator state per sample from `default.qubit`, one overlap per pair."""

    @qml.qnode(qml.device("default.qubit", wires=4))
    def state(sample):
        function(sample, weights)
        return qml.state()

    left, right = ([torch.as_tensor(state(v.numpy())) for v in group] for group in (x, y))
    return torch.stack([torch.stack([torch.vdot(a, b).abs() ** 2 for b in right]) for a in left])


DIAGONAL = [zz_map, zz_rotations, interleaved, controlled_phases]
OTHER = [partial_hadamards, moved_layer, angle_map]


@pytest.mark.parametrize("function", DIAGONAL + OTHER)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.complex64, 2e-6), (torch.complex128, 1e-12)])
def test_kernels_match_pairs_of_default_qubit(function, dtype, tolerance):
    circuit, x, y = Circuit(function, 4, 4), samples(6, 1), samples(4, 2)
    symmetric, cross = fidelity_kernel(circuit, x, dtype=dtype), fidelity_kernel(circuit, x, y, dtype=dtype)
    torch.testing.assert_close(symmetric.double(), pairwise(function, x, x), atol=tolerance, rtol=0)
    torch.testing.assert_close(cross.double(), pairwise(function, x, y), atol=tolerance, rtol=0)


def test_trainable_map():
    x, weights = samples(5, 3), torch.tensor([0.3, -0.4, 1.1], dtype=torch.float64)
    circuit = Circuit(general, 4, 4, (3,))
    expected = pairwise(general, x, x, weights.numpy())
    got = fidelity_kernel(circuit, x, weights=weights, dtype=torch.complex128)
    torch.testing.assert_close(got, expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("function", DIAGONAL)
def test_diagonal_maps_take_the_transform_path(function):
    assert phase_polynomials(trace(Circuit(function, 4, 4), samples(2, 0), None), 4)


@pytest.mark.parametrize("function", OTHER)
def test_other_maps_do_not(function):
    assert phase_polynomials(trace(Circuit(function, 4, 4), samples(2, 0), None), 4) is None


def choosing(x, _):
    """Its gates depend on the sample, so that a batch cannot be traced at once."""
    hadamards(range(4))
    for i in range(4):
        qml.RZ(x[i], wires=i)
        if x[i] > 1.5:
            qml.CZ([i, (i + 1) % 4])
    hadamards(range(4))
    qml.RZ(x[0], wires=0)


def unbatched(x, _):
    """It would take four samples for four features: the batch's gates differ from a sample's."""
    hadamards(range(4))
    for i in range(4):
        qml.RZ(x[i] if x.ndim == 1 else x[i, 0], wires=i)


@pytest.mark.parametrize("function", [choosing, unbatched])
def test_maps_that_take_no_batch_fall_back(function):
    x = samples(4, 11)
    got = fidelity_kernel(Circuit(function, 4, 4), x, dtype=torch.complex128)
    torch.testing.assert_close(got, pairwise(function, x, x), atol=1e-12, rtol=0)


def test_blocks_and_chunks_do_not_change_the_kernel(monkeypatch):
    circuit, x = Circuit(zz_map, 4, 4), samples(23, 5)
    whole = fidelity_kernel(circuit, x, dtype=torch.complex128)
    monkeypatch.setattr(kernel, "BLOCK_ROWS", 5)
    monkeypatch.setattr("qwatt.quantum.engine.kernel.iqp.CHUNK_AMPLITUDES", 16 * 7)
    torch.testing.assert_close(fidelity_kernel(circuit, x, dtype=torch.complex128), whole)


def test_a_kernel_is_symmetric_positive_and_has_a_unit_diagonal():
    matrix = fidelity_kernel(Circuit(zz_map, 4, 4), samples(30, 7))
    assert torch.equal(matrix, matrix.T)
    assert torch.equal(matrix.diagonal(), torch.ones(30))
    assert torch.linalg.eigvalsh(matrix.double()).min() > -1e-5
    assert matrix.min() >= 0
    assert matrix.max() <= 1


def test_large_angles_keep_single_precision():
    """Phases of hundreds of radians are reduced before they are rounded."""
    circuit, x = Circuit(lambda x, _: zz_map(100 * x, _), 4, 4), samples(8, 9)
    exact = fidelity_kernel(circuit, x, dtype=torch.complex128)
    torch.testing.assert_close(fidelity_kernel(circuit, x).double(), exact, atol=2e-6, rtol=0)


def test_the_wrong_number_of_features_is_named():
    with pytest.raises(QwattError, match=r"\(N, 4\), not \(3, 5\)"):
        fidelity_kernel(Circuit(zz_map, 4, 4), torch.zeros(3, 5))
