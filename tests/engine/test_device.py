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
from scipy.sparse import csr_matrix


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


SPARSE_STATE = csr_matrix([[0.6, 0.0, 0.0, 0.8]])
SPARSE_X = csr_matrix([[0, 1], [1, 0]])


class OnlyMatrix(qml.operation.Operation):
    """A user's operator whose matrix takes no order of wires."""

    num_wires = 1

    def matrix(self):
        return np.array([[0.6, 0.8], [-0.8, 0.6]])


AS_DEFAULT_QUBIT = {
    "sparse state": lambda: (qml.StatePrep(SPARSE_STATE, wires=[2, 0]), qml.RX(0.3, 0)),
    "sparse matrix": lambda: (qml.Hadamard(0), qml.QubitUnitary(SPARSE_X, wires=1)),
    "controlled sparse matrix": lambda: (qml.Hadamard(1), qml.ctrl(qml.QubitUnitary(SPARSE_X, wires=0), 1)),
    "sparse block": lambda: qml.BlockEncode(csr_matrix([[0.1, 0.2], [0.3, 0.4]]), wires=[1, 2]),
    "batched exp of a word": lambda: qml.exp(qml.X(0) @ qml.Z(1), 1j * np.linspace(0, 1, 3)),
    "batched exp of a sum": lambda: qml.exp(qml.X(0) + 0.3 * qml.Z(1), 1j * np.linspace(0, 1, 3)),
    "batched fermionic swap": lambda: (
        qml.Hadamard(0),
        qml.FermionicSWAP(np.linspace(0, 1, 3), wires=[0, 1]),
    ),
    "exp that is not unitary": lambda: qml.exp(qml.X(0), -0.4),
    "projector": lambda: (qml.Hadamard(0), qml.CNOT([0, 1]), qml.Projector([1], wires=0), qml.RX(0.4, 1)),
    "projector on a state": lambda: (qml.Hadamard(0), qml.Projector([0.6, 0.8], wires=0)),
    "batch after a projector": lambda: (qml.RY(0.4, 0), qml.Projector([1], wires=0), qml.RX([0.1, 0.2], 1)),
    "no gates": lambda: None,
    "global phase only": lambda: qml.GlobalPhase(0.3),
    "barrier only": lambda: qml.Barrier([0, 1]),
    "basis state after a gate": lambda: (qml.Hadamard(0), qml.BasisState([1, 0], wires=[0, 1])),
    "only a matrix": lambda: OnlyMatrix(0),
    "prepared, controlled": lambda: (qml.Hadamard(2), qml.ctrl(qml.StatePrep([0.6, 0.8], wires=0), 2)),
    "prepared twice": lambda: (qml.StatePrep([0.6, 0.8], wires=0), qml.StatePrep([0.8, 0.6], wires=0)),
}


@pytest.mark.parametrize("case", AS_DEFAULT_QUBIT)
@pytest.mark.parametrize("wires", [None, 3])
def test_states_are_those_of_default_qubit(case: str, wires: int | None) -> None:
    def function():
        AS_DEFAULT_QUBIT[case]()
        return qml.state()

    ours, theirs = both(function, wires=wires)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("wires", [None, 3])
def test_wires_are_allocated_as_on_default_qubit(wires: int | None) -> None:
    def function():
        qml.Hadamard(0)
        with qml.allocate(1, restored=True) as (other,):
            qml.CNOT([0, other])
            qml.RX(0.3, 0)
            qml.CNOT([0, other])
        return qml.probs(wires=0)

    ours, theirs = both(function, wires=wires)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def post_selected(angle: float = 1.0):
    qml.RX(angle, 0)
    qml.CNOT([0, 1])
    qml.RY(0.4, 1)
    outcome = qml.measure(0, postselect=1)
    qml.cond(outcome, qml.RX)(0.3, 1)


def test_post_selection() -> None:
    def function():
        post_selected()
        return qml.probs(wires=[0, 1]), qml.expval(qml.X(1))

    for ours, theirs in zip(*both(function, wires=None), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_post_selection_is_differentiable() -> None:
    def gradient(name: str) -> torch.Tensor:
        @qml.qnode(qml.device(name))
        def node(angle):
            post_selected(angle)
            qml.RZ(angle, 1)
            return qml.expval(qml.X(1))

        angle = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
        node(angle).backward()
        return angle.grad

    torch.testing.assert_close(gradient("qwatt.statevector"), gradient("default.qubit"))


def test_post_selection_keeps_a_binomial_share_of_the_shots() -> None:
    def function():
        post_selected()
        return qml.sample(wires=1)

    def kept(shots: int, mode: str | None) -> int:
        node = qml.QNode(function, qml.device("qwatt.statevector", seed=7), postselect_mode=mode)
        return len(qml.set_shots(node, shots)())

    chance = np.sin(0.5) ** 2
    assert abs(kept(10_000, "hw-like") - 10_000 * chance) < 5 * np.sqrt(10_000 * chance * (1 - chance))
    assert kept(100, "fill-shots") == 100


@pytest.mark.filterwarnings("ignore:invalid value encountered")  # as on default.qubit
def test_an_impossible_post_selection_gives_no_numbers() -> None:
    def function():
        post_selected(0.0)
        return qml.expval(qml.Z(1))

    for found in both(function, wires=None):
        assert np.isnan(found)
    node = qml.QNode(function, qml.device("qwatt.statevector"), postselect_mode="fill-shots")
    with pytest.raises(RuntimeError, match="probability of the postselected"):
        qml.set_shots(node, 10)()


def test_post_selection_after_a_batch_is_refused_as_on_default_qubit() -> None:
    def function():
        qml.RX(np.array([0.1, 0.2]), 0)
        qml.Projector([1], wires=0)
        return qml.probs(wires=0)

    for name in ("qwatt.statevector", "default.qubit"):
        with pytest.raises(ValueError, match="Cannot postselect on circuits with broadcasting"):
            qml.QNode(function, qml.device(name))()


def test_shadows_of_a_batch() -> None:
    def function():
        qml.RX(np.array([0.0, np.pi]), 0)
        return qml.shadow_expval(qml.Z(0))

    (ours, _) = both(function, shots=4000, wires=1)
    np.testing.assert_allclose(ours, [1, -1], atol=5 * np.sqrt(3 / 4000))


def test_snapshots_with_a_deferred_measurement() -> None:
    def function():
        qml.Hadamard(0)
        qml.measure(0)
        qml.Snapshot("after", measurement=qml.probs(wires=0))
        qml.RX(0.3, 0)
        return qml.expval(qml.Z(0))

    for name in ("qwatt.statevector", "default.qubit"):
        found = qml.snapshots(qml.QNode(function, qml.device(name)))()
        np.testing.assert_allclose(found["after"], [0.5, 0.5], atol=1e-12)
        assert abs(found["execution_results"]) < 1e-12


def node_of(name: str):
    @qml.qnode(qml.device(name, wires=2))
    def node(angles):
        qml.StatePrep(torch.stack([angles[0].cos(), angles[0].sin()]), wires=1, validate_norm=False)
        qml.RX(angles[0], 0)
        qml.CRY(angles[1], [0, 1])
        qml.IsingXY(angles[2], [0, 1])
        qml.Rot(angles[0], angles[1], angles[2], 1)
        return qml.probs(wires=[0, 1])

    return node


ANGLES = torch.tensor([0.3, 0.4, 0.5], dtype=torch.float64)
TRANSFORMS = {
    "grad": lambda node: torch.func.grad(lambda x: node(x)[1])(ANGLES),
    "jacrev": lambda node: torch.func.jacrev(node)(ANGLES),
    "jacfwd": lambda node: torch.func.jacfwd(node)(ANGLES),
    "hessian": lambda node: torch.func.hessian(node)(ANGLES),
    "jvp": lambda node: torch.func.jvp(node, (ANGLES,), (torch.ones_like(ANGLES),))[1],
    "vmap": lambda node: torch.func.vmap(node)(torch.stack([ANGLES, 2 * ANGLES])),
    "vmap of grad": lambda node: torch.func.vmap(torch.func.jacrev(node))(torch.stack([ANGLES, 2 * ANGLES])),
    "vectorised": lambda node: torch.autograd.functional.jacobian(node, ANGLES, vectorize=True),
    "forward": lambda node: torch.autograd.functional.jacobian(
        node, ANGLES, strategy="forward-mode", vectorize=True
    ),
}


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")  # torch's own forward mode uses it
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_torch_transforms(transform: str) -> None:
    ours, theirs = (TRANSFORMS[transform](node_of(n)) for n in ("qwatt.statevector", "default.qubit"))
    torch.testing.assert_close(ours, theirs, atol=1e-12, rtol=0)


def test_results_come_in_the_interface_asked_for() -> None:
    def function():
        qml.Hadamard(0)
        return qml.probs(wires=0)

    assert torch.is_tensor(qml.QNode(function, qml.device("qwatt.statevector"), interface="torch")())
    assert isinstance(qml.QNode(function, qml.device("qwatt.statevector"))(), np.ndarray)


def test_numpys_global_seed_is_the_default() -> None:
    def drawn(seed: int):
        np.random.seed(seed)
        node = qml.QNode(lambda: (qml.Hadamard(0), qml.sample())[1], qml.device("qwatt.statevector", wires=1))
        return qml.set_shots(node, 50)()

    assert np.array_equal(drawn(3), drawn(3)) and not np.array_equal(drawn(3), drawn(4))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"mcm_method": "tree-traversal"}, qml.exceptions.DeviceError, "it defers measurements"),
        ({"diff_method": "adjoint"}, qml.exceptions.QuantumFunctionError, "does not support adjoint"),
        ({"diff_method": "backprop"}, qml.exceptions.QuantumFunctionError, "does not support backprop"),
    ],
)
def test_what_the_device_does_not_do_it_says(options, error, words: str) -> None:
    def function(angle):
        qml.RX(angle, 0)
        qml.measure(0)
        return qml.expval(qml.Z(0))

    with pytest.raises(error, match=words):
        qml.QNode(function, qml.device("qwatt.statevector", wires=2), **options)(qml.numpy.array(0.3))


def test_settings_of_default_qubit_alone_are_refused() -> None:
    device = qml.device("qwatt.statevector")
    shots = qml.tape.QuantumScript(shots=10)
    for config, words in (
        (qml.devices.ExecutionConfig(device_options={"max_workers": 2}), "device option max_workers"),
        (qml.devices.ExecutionConfig(mcm_config={"mcm_method": "one-shot"}), "it defers measurements"),
    ):
        with pytest.raises(qml.exceptions.DeviceError, match=words):
            device.setup_execution_config(config, shots)


def scalar_operators() -> list[type]:
    """All of PennyLane's unitary operators whose parameters are single numbers."""
    found = []
    for name, kind in sorted(vars(qml).items()):
        if not (isinstance(kind, type) and issubclass(kind, qml.operation.Operator)):
            continue
        counted = isinstance(getattr(kind, "num_params", None), int)
        shapes = getattr(kind, "ndim_params", ()) if counted and kind.num_params else ()
        scalar = isinstance(shapes, tuple) and not any(shapes)
        if counted and scalar and not issubclass(kind, qml.operation.Channel) and name == kind.__name__:
            found.append(kind)
    return found


@pytest.mark.nightly
@pytest.mark.parametrize("kind", scalar_operators(), ids=lambda kind: kind.__name__)
def test_every_operator_is_as_on_default_qubit(kind: type) -> None:
    """Alone, undone, controlled and as a power; with single numbers and with batches of them."""
    width = kind.num_wires if isinstance(kind.num_wires, int) and kind.num_wires > 0 else 2
    rng, wrappers = np.random.default_rng(0), (lambda op: op, qml.adjoint, lambda op: qml.ctrl(op, width))
    for shape in ((), (3,)) if kind.num_params else ((),):
        values = [rng.normal(size=shape) if shape else rng.normal() for _ in range(kind.num_params)]
        for wrap in (*wrappers, lambda op: qml.pow(op, 0.7)):

            def function(values=values, wrap=wrap):
                for wire in range(width + 1):
                    qml.RY(0.3 + wire, wire)
                wrap(kind(*values, wires=list(range(width))))
                return qml.state()

            try:
                theirs = qml.QNode(function, qml.device("default.qubit", wires=width + 1))()
            except Exception:
                continue
            ours = qml.QNode(function, qml.device("qwatt.statevector", wires=width + 1))()
            np.testing.assert_allclose(ours, theirs, atol=1e-9)


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
