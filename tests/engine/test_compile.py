"""Compiling: shapes, batches, dtypes, caching, the general path, and errors."""

from __future__ import annotations

import copy
import pickle
import time

import numpy as np
import pennylane as qml
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine import compile_circuit


def qnn(wires: int, layers: int = 4) -> Circuit:
    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        qml.AngleEmbedding(inputs, wires=range(wires), rotation="Y")
        for layer in range(layers):
            for wire in range(wires):
                qml.Rot(*weights[layer, wire], wires=wire)
            for wire in range(wires):
                qml.CNOT(wires=[wire, (wire + 1) % wires])

    return Circuit(function, wires, wires, (layers, wires, 3), name="qnn")


def states_one_by_one(circuit: Circuit, inputs: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires), diff_method=None)
    def node(x, w):
        circuit.function(x, w)
        return qml.state()

    per_sample = weights.dim() > len(circuit.weight_shape)
    rows = [node(x.double(), (weights[i] if per_sample else weights).double()) for i, x in enumerate(inputs)]
    return torch.stack([torch.as_tensor(row) for row in rows])


@pytest.mark.parametrize("wires", [2, 5, 8])
@pytest.mark.parametrize("per_sample", [False, True])
def test_states_probs_and_expval_agree(wires: int, per_sample: bool) -> None:
    circuit = qnn(wires)
    inputs = torch.randn(3, wires)
    weights = torch.randn((3, 4, wires, 3) if per_sample else (4, wires, 3))
    compiled = compile_circuit(circuit)
    expected = states_one_by_one(circuit, inputs, weights)
    torch.testing.assert_close(
        compiled.states(inputs, weights), expected.to(torch.complex64), atol=1e-5, rtol=0
    )
    probs = compiled.probs(inputs, weights)
    torch.testing.assert_close(probs, expected.abs().square().float(), atol=1e-5, rtol=0)
    signs = torch.tensor(
        [[1 - 2 * (i >> (wires - 1 - w) & 1) for w in range(wires)] for i in range(2**wires)]
    )
    torch.testing.assert_close(compiled.expval(inputs, weights), probs @ signs.float(), atol=1e-5, rtol=0)


def test_shapes_and_dtypes() -> None:
    circuit = qnn(3)
    for dtype in (torch.complex64, torch.complex128):
        compiled = compile_circuit(circuit, dtype)
        weights = torch.randn(4, 3, 3)
        assert compiled.states(torch.randn(3), weights).shape == (1, 8)
        assert compiled.states(torch.randn(7, 3), weights).dtype == dtype
        assert compiled.expval(torch.randn(7, 3), weights).dtype == dtype.to_real()
        assert compiled.expval(torch.randn(1, 3), torch.randn(5, 4, 3, 3)).shape == (5, 3)


def test_a_circuit_without_inputs_has_batch_one_and_a_chosen_readout() -> None:
    def function(inputs: None, weights: None) -> None:
        assert inputs is None and weights is None
        qml.X(1)
        qml.Hadamard(2)

    compiled = compile_circuit(Circuit(function, 3, measured=(1, 0, 2)), torch.complex128)
    expected = torch.tensor([[-1.0, 1.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(compiled.expval(), expected)


def test_an_empty_circuit_stays_in_zero() -> None:
    compiled = compile_circuit(Circuit(lambda inputs, weights: None, 2))
    torch.testing.assert_close(compiled.states(), torch.tensor([[1, 0, 0, 0]], dtype=torch.complex64))


def test_compiling_twice_gives_the_same_object() -> None:
    circuit = qnn(2)
    assert compile_circuit(circuit) is compile_circuit(circuit)
    assert compile_circuit(circuit) is not compile_circuit(circuit, torch.complex128)
    assert compile_circuit(circuit) is not compile_circuit(qnn(2))


def turn(inputs: torch.Tensor, weights: None) -> None:
    qml.RX(inputs[..., 0], wires=0)


def test_a_compiled_circuit_can_be_copied_and_pickled() -> None:
    circuit = Circuit(turn, 1, 1)
    expected = compile_circuit(circuit).expval(torch.tensor([0.3]))
    for other in (copy.deepcopy(circuit), pickle.loads(pickle.dumps(circuit))):
        assert other == circuit
        assert torch.equal(compile_circuit(other).expval(torch.tensor([0.3])), expected)


@pytest.mark.parametrize(
    "angle",
    [
        lambda x: x[..., 0] * x[..., 1],
        lambda x: torch.sin(x[..., 0]),
        lambda x: x[..., 0].abs(),
        lambda x: x[..., 0].clamp(-100.0, 100.0),
        lambda x: torch.relu(x[..., 1] + 2.0),
    ],
)
def test_angles_that_are_not_affine_take_the_general_path(angle) -> None:
    def function(inputs: torch.Tensor, weights: None) -> None:
        qml.RX(angle(inputs), wires=0)
        qml.RY(angle(inputs), wires=1)
        qml.CNOT(wires=[0, 1])

    compiled = compile_circuit(Circuit(function, 2, 2), torch.complex128)
    assert not compiled.is_affine
    inputs = torch.tensor([[0.3, -0.7], [-150.0, 2.0], [200.0, -9.0]], dtype=torch.float64)
    value = angle(inputs)
    expected = torch.stack([torch.cos(value), torch.cos(value) * torch.cos(value)], 1)
    torch.testing.assert_close(compiled.expval(inputs), expected)


def test_gates_that_depend_on_the_data_are_traced_per_sample() -> None:
    def function(inputs: torch.Tensor, weights: None) -> None:
        if inputs[..., 0] > 0:
            qml.X(0)
        qml.RY(inputs[..., 1], wires=1)

    compiled = compile_circuit(Circuit(function, 2, 2), torch.complex128)
    inputs = torch.tensor([[1.0, 0.4], [-1.0, 0.4], [2.0, 0.1]], dtype=torch.float64)
    expected = torch.stack([-torch.sign(inputs[:, 0]), torch.cos(inputs[:, 1])], 1)
    torch.testing.assert_close(compiled.expval(inputs), expected)


def test_a_function_that_ignores_the_batch_axis_still_gives_the_right_answer() -> None:
    def function(inputs: torch.Tensor, weights: None) -> None:
        qml.RY(inputs[0] * inputs[1], wires=0)  # indexes the first axis: wrong on a batch

    compiled = compile_circuit(Circuit(function, 1, 2), torch.complex128)
    inputs = torch.tensor([[1.0, 0.4], [-1.0, 0.2]], dtype=torch.float64)
    torch.testing.assert_close(compiled.expval(inputs), torch.cos(inputs.prod(1, keepdim=True)))


def test_basis_embedding_of_data() -> None:
    compiled = compile_circuit(Circuit(lambda x, w: qml.BasisEmbedding(x, wires=range(3)), 3, 3))
    bits = torch.tensor([[0, 1, 1], [1, 0, 0]])
    torch.testing.assert_close(compiled.expval(bits), 1.0 - 2.0 * bits)


def test_amplitude_embedding_pads_and_normalises() -> None:
    def function(inputs: torch.Tensor, weights: None) -> None:
        qml.AmplitudeEmbedding(inputs, wires=[1, 0], pad_with=0.0, normalize=True)

    inputs = torch.randn(4, 3, dtype=torch.float64)
    states = compile_circuit(Circuit(function, 2, 3), torch.complex128).states(inputs)
    expected = torch.nn.functional.pad(inputs / inputs.norm(dim=1, keepdim=True), (0, 1))
    expected = expected.reshape(-1, 2, 2).mT.reshape(-1, 4).to(torch.complex128)
    torch.testing.assert_close(states, expected)


@pytest.mark.parametrize(("features", "pad"), [(4, None), (3, 0.0), (2, 0.7)])
def test_embedded_inputs_are_recognised_and_differentiable(features: int, pad: float | None) -> None:
    def function(inputs: torch.Tensor, weights: None) -> None:
        qml.AmplitudeEmbedding(inputs, wires=[0, 1], pad_with=pad, normalize=True)
        qml.RX(inputs[..., 0], wires=0)

    circuit = Circuit(function, 2, features)
    compiled = compile_circuit(circuit, torch.complex128)
    assert compiled.is_affine
    inputs = torch.randn(3, features, dtype=torch.float64, requires_grad=True)
    expected = states_one_by_one(circuit, inputs.detach(), torch.zeros(()))
    torch.testing.assert_close(compiled.states(inputs).detach(), expected.to(torch.complex128))
    assert torch.autograd.gradcheck(compiled.expval, (inputs,))


def test_a_state_scaled_by_a_weight_is_no_plain_embedding() -> None:
    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        qml.AmplitudeEmbedding(inputs * torch.stack([weights[0], weights[1]]), wires=0, normalize=True)

    compiled = compile_circuit(Circuit(function, 1, 2, (2,)), torch.complex128)
    assert not compiled.is_affine
    states = compiled.states(torch.tensor([[3.0, 2.0]]), torch.tensor([1.0, 2.0]))
    torch.testing.assert_close(states, torch.tensor([[0.6, 0.8]], dtype=torch.complex128))


def test_a_zero_sample_cannot_be_embedded() -> None:
    circuit = Circuit(lambda x, w: qml.AmplitudeEmbedding(x, wires=0, normalize=True), 1, 2)
    with pytest.raises(QwattError, match="zero everywhere"):
        compile_circuit(circuit).states(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: compile_circuit(c, torch.float32), "complex64 or complex128"),
        (lambda c: compile_circuit(c).expval(torch.randn(2, 3)), "needs weights"),
        (lambda c: compile_circuit(c).expval(torch.randn(2, 4), torch.randn(4, 3, 3)), "inputs have shape"),
        (lambda c: compile_circuit(c).expval(torch.randn(2, 3), torch.randn(3, 4, 3, 3)), "batch sizes"),
    ],
)
def test_wrong_use_is_explained(call, message: str) -> None:
    with pytest.raises(QwattError, match=message):
        call(qnn(3))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, w: qml.DepolarizingChannel(0.1, wires=0), "not a unitary gate"),
        (lambda x, w: qml.X(5), "acts on wires"),
        (lambda x, w: qml.measure(0), "not a unitary gate"),
    ],
)
def test_what_cannot_run_is_an_error(function, message: str) -> None:
    with pytest.raises(QwattError, match=message):
        compile_circuit(Circuit(function, 2))


def test_the_first_call_takes_tens_of_milliseconds() -> None:
    """JAX needs 25 CPU seconds and more for the same circuit; 0.5 s here leaves room for a busy machine."""
    start = time.process_time()
    compile_circuit(qnn(12)).expval(torch.randn(2, 12), torch.randn(4, 12, 3))
    assert time.process_time() - start < 0.5


def test_permutations_need_no_arithmetic() -> None:
    """A basis state through X, CNOT, SWAP and Toffoli keeps an amplitude of exactly one."""

    def function(inputs: None, weights: None) -> None:
        for _ in range(20):
            qml.X(0)
            qml.CNOT(wires=[0, 1])
            qml.SWAP(wires=[1, 2])
            qml.Toffoli(wires=[0, 2, 1])

    amplitudes = compile_circuit(Circuit(function, 3)).states().abs().flatten()
    assert np.array_equal(np.sort(amplitudes.numpy()), [0, 0, 0, 0, 0, 0, 0, 1])


@pytest.mark.parametrize("state", [[0.6, 0.0, 0.0, 0.8], [0.6, 0.0, 0.48j, 0.64]])
def test_a_prepared_state_can_be_undone_and_controlled(state: list[complex]) -> None:
    def function(inputs: None, weights: None) -> None:
        qml.Hadamard(0)
        qml.ctrl(qml.StatePrep(np.array(state), wires=[1, 2]), control=0)
        qml.adjoint(qml.StatePrep(np.array(state), wires=[1, 2]))

    @qml.qnode(qml.device("default.qubit", wires=3))
    def theirs():
        function(None, None)
        return qml.state()

    ours = compile_circuit(Circuit(function, 3), dtype=torch.complex128).states()[0]
    np.testing.assert_allclose(ours, theirs(), atol=1e-12)
