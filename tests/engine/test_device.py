"""The engine as a PennyLane device, against default.qubit and PennyLane's own device test suite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest
import torch


def both(function, shots: int | None = None, wires=3):
    """Return the function's results on our device and on default.qubit."""
    ours = qml.QNode(function, qml.device("qwatt.statevector", wires=wires, seed=7))
    theirs = qml.QNode(function, qml.device("default.qubit", wires=wires, seed=7))
    return (qml.set_shots(node, shots)() for node in (ours, theirs))


def some_gates(angle=0.3) -> None:
    qml.StatePrep(np.array([0.6, 0.0, 0.0, 0.8j]), wires=[0, 2])
    qml.RX(angle, wires=1)
    qml.IsingXY(0.7, wires=[1, 2])
    qml.CRot(0.1, 0.2, 0.3, wires=[2, 0])


MEASUREMENTS = [
    qml.state,
    lambda: qml.probs(wires=[2, 0]),
    lambda: qml.expval(qml.X(0) @ qml.Z(2)),
    lambda: qml.var(qml.Y(1)),
    lambda: qml.expval(2.0 * qml.X(0) + qml.Z(1) @ qml.Y(2)),
    lambda: qml.density_matrix(wires=[1]),
    lambda: qml.purity(wires=[0]),
    lambda: qml.expval(qml.Hermitian(np.diag([1.0, 2.0, 3.0, 4.0]), wires=[0, 1])),
]


@pytest.mark.parametrize("measure", MEASUREMENTS)
def test_exact_measurements(measure) -> None:
    def function():
        some_gates()
        return measure()

    ours, theirs = both(function)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_samples_and_counts_follow_the_probabilities() -> None:
    def function():
        some_gates()
        return qml.sample(), qml.counts(), qml.expval(qml.Z(0)), qml.probs(wires=[0, 1])

    shots = 20_000
    (samples, counts, mean, probs), _ = both(function, shots=shots)
    exact, _ = both(lambda: (some_gates(), qml.probs(wires=range(3)))[1])
    assert samples.shape == (shots, 3) and sum(counts.values()) == shots
    observed = np.bincount(samples @ [4, 2, 1], minlength=8) / shots
    deviation = 5 * np.sqrt(exact * (1 - exact) / shots)
    assert (np.abs(observed - exact) <= deviation).all()
    marginal = exact.reshape(4, 2).sum(1)
    assert np.abs(probs - marginal).max() < 5 * 0.5 / np.sqrt(shots)
    assert abs(mean - (marginal[:2].sum() - marginal[2:].sum())) < 5 / np.sqrt(shots)


def test_the_same_seed_gives_the_same_samples() -> None:
    def function():
        qml.Hadamard(0)
        return qml.sample()

    (first, _), (second, _) = both(function, shots=50, wires=1), both(function, shots=50, wires=1)
    assert np.array_equal(first, second)


def test_broadcast_parameters_run_as_one_batch() -> None:
    def function():
        some_gates(np.linspace(0, 1, 5))
        return qml.expval(qml.Z(1)), qml.probs(wires=[0, 2])

    for ours, theirs in zip(*both(function), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_wire_labels_may_be_anything_and_unused_wires_cost_nothing() -> None:
    @qml.qnode(qml.device("qwatt.statevector", wires=["a", "b", *range(50)]))
    def node():
        qml.X("b")
        qml.CNOT(wires=["b", 7])
        return qml.expval(qml.Z("a")), qml.expval(qml.Z(7)), qml.probs(wires=[7, "b"])

    first, second, probs = node()
    assert (first, second) == (1, -1) and np.array_equal(probs, [0, 0, 0, 1])


def test_mid_circuit_measurements_are_deferred() -> None:
    def function():
        qml.RY(0.8, wires=0)
        outcome = qml.measure(0)
        qml.cond(outcome, qml.RX)(0.5, wires=1)
        return qml.expval(qml.Z(1))

    ours, theirs = both(function)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("diff_method", ["best", "parameter-shift"])
def test_torch_gradients(diff_method: str) -> None:
    @qml.qnode(qml.device("qwatt.statevector", wires=2), diff_method=diff_method)
    def node(angles):
        qml.RX(angles[0], wires=0)
        qml.CRY(angles[1], wires=[0, 1])
        return qml.expval(qml.Z(1))

    angles = torch.tensor([0.7, 1.1], dtype=torch.float64, requires_grad=True)
    node(angles).backward()
    a, b = angles.detach().numpy()
    # <Z_1> = cos^2(a/2) + sin^2(a/2) cos(b)
    expected = [-np.sin(a) / 2 + np.sin(a) / 2 * np.cos(b), -(np.sin(a / 2) ** 2) * np.sin(b)]
    np.testing.assert_allclose(angles.grad, expected, atol=1e-12)


def test_torch_results_are_back_propagated_by_default() -> None:
    device = qml.device("qwatt.statevector", wires=1)
    for interface, expected in (("torch", "backprop"), ("autograd", "best")):
        asked = qml.devices.ExecutionConfig(gradient_method="best", interface=interface)
        assert device.setup_execution_config(asked).gradient_method == expected


def test_a_torch_layer_trains_on_it() -> None:
    @qml.qnode(qml.device("qwatt.statevector", wires=2))
    def node(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.StronglyEntanglingLayers(weights, wires=range(2))
        return qml.expval(qml.Z(0))

    layer = qml.qnn.TorchLayer(node, {"weights": (2, 2, 3)})
    layer(torch.randn(5, 2)).sum().backward()
    assert layer.weights.grad.abs().sum() > 0


def test_channels_are_refused() -> None:
    @qml.qnode(qml.device("qwatt.statevector", wires=1))
    def node():
        qml.DepolarizingChannel(0.1, wires=0)
        return qml.state()

    with pytest.raises(qml.exceptions.DeviceError):
        node()


@pytest.mark.nightly
@pytest.mark.parametrize("shots", ["None", "20000"])
def test_pennylane_device_suite(shots: str, tmp_path: Path) -> None:
    """The suite marks sampling tests as flaky (tolerance near one standard deviation) and repeats them."""
    pytest.importorskip("flaky")
    pytest.importorskip("pytest_mock")
    suite = Path(qml.__file__).parent / "devices" / "tests"
    options = [
        "--device",
        "qwatt.statevector",
        "--shots",
        shots,
        "-q",
        "-W",
        "ignore",
        "-p",
        "no:cacheprovider",
    ]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", str(suite), *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    assert " passed" in run.stdout
