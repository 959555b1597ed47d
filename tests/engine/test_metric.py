"""The metric tensor against PennyLane, finite differences and closed forms."""

import pickle

import pennylane as qml
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine.metric.fubini_study import metric_tensor


def layered(x, w):
    for layer in range(2):
        for i in range(3):
            qml.RY(w[layer, i, 0], wires=i)
            qml.RZ(w[layer, i, 1], wires=i)
            qml.RX(w[layer, i, 2], wires=i)
        for i in range(3):
            qml.CNOT([i, (i + 1) % 3])


def mixed(x, w):
    """Inputs, controlled and diagonal trainable gates, a shared weight, an unused one, fixed matrices."""
    qml.AmplitudeEmbedding([0.1, 0.5, -0.3, 0.8], wires=[2, 0], normalize=True)
    qml.Hadamard(1)
    qml.RX(x[..., 0] * w[0], wires=0)
    qml.CRY(w[1], wires=[0, 2])
    qml.IsingZZ(w[2], wires=[1, 2])
    qml.Rot(w[3], 2 * w[0] + x[..., 1], w[4], wires=1)
    qml.CNOT([2, 0])
    qml.CRZ(w[2] ** 2, wires=[2, 1])
    qml.QubitUnitary(qml.matrix(qml.IsingXY(0.4, wires=[0, 1])), wires=[2, 0])
    qml.DiagonalQubitUnitary([1, 1j, -1, 1], wires=[0, 1])
    qml.adjoint(qml.Rot)(w[0], w[1], w[3], wires=0)
    qml.RY(0.3, wires=2)


def difference_metric(circuit, x, w, step=1e-5):
    """Central differences of the simulator's state, straight into the definition."""

    @qml.qnode(qml.device("default.qubit", wires=circuit.wires))
    def state(weights):
        circuit.function(x, weights)
        return qml.state()

    flat = w.flatten()
    rows = []
    for i in range(len(flat)):
        shift = torch.zeros_like(flat)
        shift[i] = step
        ahead, behind = (state((flat + s * shift).view(w.shape)) for s in (1, -1))
        rows.append((ahead - behind) / (2 * step))
    tangents, psi = torch.stack(rows), state(w)
    along = tangents.conj() @ psi
    return (tangents.conj() @ tangents.T - torch.outer(along, along.conj())).real


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.complex64, 2e-6), (torch.complex128, 1e-10)])
def test_agrees_with_pennylane(dtype, tolerance):
    circuit = Circuit(layered, 3, 0, (2, 3, 3))
    weights = torch.randn(2, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    @qml.qnode(qml.device("default.qubit", wires=3))
    def node(w):
        layered(None, w)
        return qml.expval(qml.Z(0))

    theirs = qml.adjoint_metric_tensor(node)(qml.numpy.array(weights.numpy(), requires_grad=True))
    expected = torch.as_tensor(theirs).reshape(18, 18)
    got = metric_tensor(circuit, None, weights, dtype=dtype)
    torch.testing.assert_close(got.double(), expected.double(), atol=tolerance, rtol=0)


def test_mixed_gates_inputs_and_repeated_weights():
    circuit = Circuit(mixed, 3, 2, (6,))
    generator = torch.Generator().manual_seed(2)
    inputs = torch.randn(2, 2, dtype=torch.float64, generator=generator)
    weights = torch.randn(6, dtype=torch.float64, generator=generator)
    got = metric_tensor(circuit, inputs, weights, dtype=torch.complex128)
    assert got.shape == (2, 6, 6)
    for metric, sample in zip(got, inputs, strict=True):
        torch.testing.assert_close(metric, difference_metric(circuit, sample, weights), atol=1e-8, rtol=0)
        torch.testing.assert_close(metric_tensor(circuit, sample, weights, dtype=torch.complex128), metric)


def test_more_wires_than_one_block():
    def function(_, w):
        for i in range(6):
            qml.RY(w[i], wires=i)
        for i in range(5):
            qml.CZ([i, i + 1])
        for i in range(6):
            qml.RX(w[6 + i], wires=i)

    circuit = Circuit(function, 6, 0, (12,))
    weights = torch.linspace(0.1, 2.0, 12, dtype=torch.float64)
    got = metric_tensor(circuit, None, weights, dtype=torch.complex128)
    torch.testing.assert_close(got, difference_metric(circuit, None, weights), atol=1e-8, rtol=0)


def test_one_qubit_closed_form():
    """RZ(b) RY(a)|0> has metric diag(1/4, sin^2(a)/4)."""

    def function(_, w):
        qml.RY(w[0], wires=0)
        qml.RZ(w[1], wires=0)

    angle = torch.tensor([0.7, 0.3], dtype=torch.float64)
    expected = torch.diag(torch.stack([torch.tensor(0.25).double(), torch.sin(angle[0]) ** 2 / 4]))
    got = metric_tensor(Circuit(function, 1, 0, (2,)), None, angle, dtype=torch.complex128)
    torch.testing.assert_close(got, expected, atol=1e-14, rtol=0)


def test_a_copy_of_the_circuit_starts_afresh():
    circuit = Circuit(layered, 3, 0, (2, 3, 3))
    weights = torch.ones(2, 3, 3)
    metric = metric_tensor(circuit, None, weights)
    other = pickle.loads(pickle.dumps(circuit))
    assert other.__dict__["_metrics"] == {}
    assert torch.equal(metric_tensor(other, None, weights), metric)


def test_misuse_is_named():
    circuit = Circuit(mixed, 3, 2, (6,))
    with pytest.raises(QwattError, match=r"\(6,\), not \(5,\)"):
        metric_tensor(circuit, torch.zeros(2), torch.zeros(5))
    with pytest.raises(QwattError, match="needs inputs"):
        metric_tensor(circuit, None, torch.zeros(6))

    def prepared(_, w):
        qml.AmplitudeEmbedding(w, wires=[0, 1], normalize=True)

    with pytest.raises(QwattError, match="not as gate angles"):
        metric_tensor(Circuit(prepared, 2, 0, (4,)), None, torch.ones(4))
