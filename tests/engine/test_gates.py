"""Compiled loops: the values and gradients of default.qubit, second derivatives, and when they are loaded."""

from __future__ import annotations

import sys

import numpy as np
import pennylane as qml
import pytest
import torch
from random_circuits import N_INPUTS, N_WEIGHTS, Recipe

from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits.reupload import variational_layer
from qwatt.quantum.engine import CompiledCircuit, compile_circuit
from qwatt.quantum.engine.gates import loading
from qwatt.quantum.engine.gates.program import MOST_AMPLITUDES

pytest.importorskip("numba")


def drawn(
    circuit: Circuit, batch: int, dtype=torch.float64
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    shapes = (batch, circuit.n_inputs), circuit.weight_shape, (batch, len(circuit.readout))
    inputs, weights, cotangent = (torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes)
    return inputs.requires_grad_(), weights.requires_grad_(), cotangent


def with_gradients(expval, inputs, weights, cotangent):
    found = expval(inputs, weights)
    slopes = torch.autograd.grad((found * cotangent).sum(), (inputs, weights), materialize_grads=True)
    return [found.detach(), *slopes]


def by_pennylane(circuit: Circuit):
    """Expectation values by default.qubit, differentiated by torch, sample after sample."""

    @qml.qnode(qml.device("default.qubit", wires=circuit.wires), interface="torch", diff_method="backprop")
    def node(x, w):
        circuit.function(x, w)
        return [qml.expval(qml.Z(wire)) for wire in circuit.readout]

    return lambda inputs, weights: torch.stack([torch.stack(node(x, weights)) for x in inputs])


def test_layers_agree_with_default_qubit() -> None:
    for wires, reuploads, entangle in ((1, 2, True), (3, 2, True), (4, 1, False)):
        circuit = variational_layer(wires, reuploads, 2, entangle)
        data = drawn(circuit, 3)
        ours = with_gradients(compile_circuit(circuit, torch.complex128, gates="compiled").expval, *data)
        for own, other in zip(ours, with_gradients(by_pennylane(circuit), *data), strict=True):
            torch.testing.assert_close(own, other, rtol=0, atol=1e-12)


def check(seed: int, dtype: torch.dtype, tolerance: float) -> bool:
    circuit = Recipe(seed, 1 + seed % 5, 8).circuit()
    assert (circuit.n_inputs, circuit.weight_shape) == (N_INPUTS, (N_WEIGHTS,))
    compiled = compile_circuit(circuit, dtype, gates="compiled")
    data = drawn(circuit, 1 + seed % 4)
    if compiled._gates is None:
        return False
    ours = with_gradients(compiled.expval, *data)
    for own, other in zip(ours, with_gradients(compile_circuit(circuit, dtype).expval, *data), strict=True):
        torch.testing.assert_close(own, other, rtol=0, atol=tolerance, check_dtype=True)
    return True


def test_random_circuits_agree_with_the_passes() -> None:
    assert sum(check(seed, torch.complex128, 1e-12) for seed in range(80)) > 20


@pytest.mark.nightly
def test_random_circuits_agree_in_single_precision() -> None:
    assert sum(check(seed, torch.complex64, 2e-5) for seed in range(400)) > 100


def test_random_gates_agree_with_default_qubit() -> None:
    taken = 0
    for seed in range(40):
        recipe = Recipe(seed, 1 + seed % 4, 6)
        circuit = recipe.circuit()
        compiled = compile_circuit(circuit, torch.complex128, gates="compiled")
        if compiled._gates is not None:
            inputs, weights, _ = drawn(circuit, 2)
            with torch.no_grad():
                found, expected = compiled.expval(inputs, weights), by_pennylane(circuit)(inputs, weights)
            np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=0, atol=1e-12)
            taken += 1
    assert taken > 10


def test_second_derivatives_and_repeated_backward() -> None:
    circuit = variational_layer(2, 2, 1)
    compiled = compile_circuit(circuit, torch.complex128, gates="compiled")
    inputs, weights, cotangent = drawn(circuit, 2)
    assert torch.autograd.gradcheck(compiled.expval, (inputs, weights))
    assert torch.autograd.gradgradcheck(compiled.expval, (inputs, weights))
    found = compiled.expval(inputs, weights)
    first = torch.autograd.grad(found, weights, cotangent, retain_graph=True)
    compiled.expval(inputs + 1, weights).sum().backward()
    torch.testing.assert_close(torch.autograd.grad(found, weights, cotangent), first, rtol=0, atol=0)
    jacobian = torch.func.jacrev(lambda w: compiled.expval(inputs.detach(), w))(weights.detach())
    slope = torch.einsum("bo,bolwij->lwij", cotangent, jacobian)
    torch.testing.assert_close(slope, first[0], rtol=0, atol=1e-12)


def test_numbers_of_other_layouts_and_dtypes() -> None:
    circuit = variational_layer(3, 1, 1)
    compiled = compile_circuit(circuit, torch.complex128, gates="compiled")
    inputs, weights, cotangent = drawn(circuit, 4)
    expected = with_gradients(compiled.expval, inputs, weights, cotangent)
    turned = inputs.detach().mT.contiguous().mT.requires_grad_()
    assert not turned.is_contiguous()
    for own, other in zip(with_gradients(compiled.expval, turned, weights, cotangent), expected, strict=True):
        torch.testing.assert_close(own, other, rtol=0, atol=0)
    single = inputs.detach().float().requires_grad_()
    found = compiled.expval(single, weights)
    found.sum().backward()
    assert single.grad is not None and single.grad.dtype == torch.float32
    alone = compiled.expval(inputs[0], weights)
    torch.testing.assert_close(alone[0], expected[0][0], rtol=0, atol=1e-15)


def test_other_work_is_left_to_array_operations() -> None:
    circuit = variational_layer(2, 1, 1)
    compiled = compile_circuit(circuit, torch.complex128, gates="compiled")
    gates = compiled._gates
    assert gates is not None and compile_circuit(circuit, torch.complex128)._gates is None
    inputs, weights, _ = drawn(circuit, 1)
    assert gates.ready(inputs, weights)
    assert not gates.ready(inputs.expand((MOST_AMPLITUDES >> 2) + 1, 2), weights)
    each = weights.detach().expand(3, *weights.shape)
    torch.testing.assert_close(compiled.expval(inputs, each), compiled.expval(inputs, weights).expand(3, 2))


def test_circuits_of_data_and_wide_matrices_have_no_table() -> None:
    def embedded(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        qml.AmplitudeEmbedding(inputs, wires=[0, 1], normalize=True)
        qml.RY(weights[0], wires=0)

    def wide(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        qml.RY(inputs[..., 0] + weights[0], wires=0)
        qml.ISWAP(wires=[0, 1])

    for function in (embedded, wide):
        assert compile_circuit(Circuit(function, 2, 4, (1,)), gates="compiled")._gates is None


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> loading._Kernels:
    """Kernels that nobody has loaded yet, on a machine whose disk holds them."""
    fresh = loading._Kernels()
    monkeypatch.setattr("qwatt.quantum.engine.circuit.compile.KERNELS", fresh)
    monkeypatch.setattr(loading, "_on_disk", lambda real: True)
    monkeypatch.delenv(loading.NEVER, raising=False)
    return fresh


def train(compiled: CompiledCircuit, times: int) -> None:
    inputs, weights, _ = drawn(compiled.circuit, 1)
    for _ in range(times):
        compiled.expval(inputs, weights).sum().backward()
        compiled.expval(inputs.detach(), weights.detach())


def test_loops_are_loaded_once_they_repay(kernels: loading._Kernels) -> None:
    kernels._loads_at = {"float64": 100}
    compiled = compile_circuit(variational_layer(2, 2, 1), torch.complex128, gates="auto")
    train(compiled, 9)
    assert not kernels.loaded
    train(compiled, 1)
    assert list(kernels.loaded) == ["float64"]


def test_compiling_has_to_repay_more(kernels: loading._Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_on_disk", lambda real: False)
    assert kernels.spend(loading.REPAID, "float64") is None
    assert kernels.spend(loading.REPAID_COMPILING - loading.REPAID, "float64") is not None


def test_never_means_never(kernels: loading._Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(loading.NEVER, "never")
    assert kernels.spend(100 * loading.REPAID_COMPILING, "float64") is None


def test_the_backend_names_them_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = "engine:cpu?dtype=complex128&gates=compiled"
    backend = get_backend(spec)
    assert backend.name == spec
    circuit = variational_layer(2, 2, 1)
    inputs, weights, _ = drawn(circuit, 3)
    plain = get_backend("engine:cpu?dtype=complex128").expval(circuit, inputs, weights)
    torch.testing.assert_close(backend.expval(circuit, inputs, weights), plain, rtol=0, atol=1e-12)
    loading._installed.cache_clear()
    monkeypatch.setattr(loading, "KERNELS", loading._Kernels())
    monkeypatch.setitem(sys.modules, "numba", None)
    try:
        with pytest.raises(QwattError, match="numba: not installed") as refused:
            get_backend(spec)
    finally:
        loading._installed.cache_clear()
    assert "pip install 'qwatt[fast]'" in str(refused.value)


@pytest.mark.parametrize("gates", ["arrays", "compiled"])
def test_a_loss_and_its_gradients_are_those_of_backward(gates) -> None:
    circuit = variational_layer(3, 2, 1, True)
    inputs, weights, target = drawn(circuit, 4)
    scale = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)

    def loss(z):
        return (scale * z - target).square().mean()

    loss(compile_circuit(circuit, torch.complex128).expval(inputs, weights)).backward()
    wanted, scale.grad = scale.grad, None
    compiled = compile_circuit(circuit, torch.complex128, gates=gates)
    with torch.no_grad():
        value, to_inputs, to_weights = compiled.value_and_gradients(loss, inputs, weights)
    expected = loss(compiled.expval(inputs, weights)).detach()
    for own, other in zip(
        (value, to_inputs, to_weights, scale.grad), (expected, inputs.grad, weights.grad, wanted), strict=True
    ):
        torch.testing.assert_close(own, other, rtol=0, atol=1e-12)


@pytest.mark.parametrize("gates", ["arrays", "compiled"])
def test_a_loss_of_one_input_or_of_none_has_gradients_of_its_shapes(gates) -> None:
    circuit = variational_layer(2, 1, 1, True)
    inputs, weights, _ = drawn(circuit, 1)
    compiled = compile_circuit(circuit, torch.complex128, gates=gates)
    _, to_inputs, to_weights = compiled.value_and_gradients(torch.sum, inputs[0], weights)
    compiled.expval(inputs, weights).sum().backward()
    torch.testing.assert_close(to_inputs, inputs.grad[0])
    torch.testing.assert_close(to_weights, weights.grad)

    unread = Circuit(lambda x, w: qml.RY(w[0], wires=0), 1, 0, (1,))
    _, none, slope = compile_circuit(unread, torch.complex128, gates=gates).value_and_gradients(
        torch.sum, None, torch.tensor([0.3], dtype=torch.float64)
    )
    assert none is None
    torch.testing.assert_close(slope, torch.tensor([-np.sin(0.3)], dtype=torch.float64))


@pytest.mark.parametrize("gates", ["arrays", "compiled"])
def test_a_loss_without_the_circuit_has_no_slope(gates) -> None:
    circuit = variational_layer(2, 1, 1, True)
    inputs, weights, _ = drawn(circuit, 2)
    own = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    value, to_inputs, to_weights = compile_circuit(
        circuit, torch.complex128, gates=gates
    ).value_and_gradients(lambda z: own * own, inputs, weights)
    assert float(value.detach()) == 4.0 and float(own.grad) == 4.0
    assert not to_inputs.any() and not to_weights.any()


@pytest.mark.parametrize("gates", ["arrays", "compiled"])
@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (lambda z: z.sum(1), r"a tensor of shape \(2,\)"),
        (lambda z: z.sum().item(), "a float"),
        (lambda z: None, "a NoneType"),
        (lambda z: z.detach().sum(), "without a graph"),
        (lambda z: (z > 0).sum(), "int64, without a graph"),
        (lambda z: (1j * z).sum(), "complex128"),
    ],
)
def test_a_loss_that_is_no_number_is_refused(gates, loss, said) -> None:
    circuit = variational_layer(2, 1, 1, True)
    inputs, weights, _ = drawn(circuit, 2)
    compiled = compile_circuit(circuit, torch.complex128, gates=gates)
    with pytest.raises(QwattError, match=f"the loss is .*{said}"):
        compiled.value_and_gradients(loss, inputs, weights)


@pytest.mark.parametrize("gates", ["arrays", "compiled"])
def test_arrays_lists_and_whole_numbers_have_gradients_too(gates) -> None:
    circuit = variational_layer(2, 1, 1, True)
    compiled = compile_circuit(circuit, torch.complex128, gates=gates)
    inputs = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    weights = torch.full(circuit.weight_shape, 0.5, dtype=torch.float64)
    expected = compiled.value_and_gradients(torch.sum, inputs, weights)
    for given in (inputs.numpy(), inputs.tolist(), inputs.long()):
        for own, other in zip(
            compiled.value_and_gradients(torch.sum, given, weights.numpy()), expected, strict=True
        ):
            torch.testing.assert_close(own, other, check_dtype=False, rtol=0, atol=1e-6)


def test_numbers_count_as_they_are_whatever_array_holds_them() -> None:
    circuit = variational_layer(2, 1, 1, True)
    compiled = compile_circuit(circuit, torch.complex128)
    inputs = np.array([[0.1, 0.2], [0.3, 0.7]])
    weights = torch.full(circuit.weight_shape, 0.3, dtype=torch.float64)
    expected = compiled.expval(torch.tensor(inputs), weights)
    frozen = inputs.copy()
    frozen.flags.writeable = False
    backwards = inputs[::-1].copy()[::-1]
    for given in (inputs.tolist(), frozen, backwards, inputs.astype(">f8"), inputs.astype(np.longdouble)):
        torch.testing.assert_close(compiled.expval(given, weights), expected, rtol=0, atol=0)


@pytest.mark.parametrize("gates", ["arrays", "compiled"])
@pytest.mark.parametrize("verb", ["expval", "probs", "states", "value_and_gradients"])
@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (np.zeros((0, 2)), "inputs hold no sample"),
        (torch.zeros(0, 2), "inputs hold no sample"),
        (torch.zeros(2, 2, dtype=torch.complex64), "inputs are complex, torch.complex64"),
        ("ab", "inputs are no table of numbers"),
        ([[0.1], [0.1, 0.2]], "inputs are no table of numbers"),
        (np.array([[None, 1.0]]), "inputs are no table of numbers"),
        (torch.zeros(2, 2).to_sparse(), "inputs are a tensor without a number in every place, torch.sparse"),
        (torch.zeros(2, 2, device="meta"), "inputs are a tensor without a number in every place"),
        (np.ma.masked_greater([[0.1, 2.0]], 1.0), "inputs have masked values"),
        ([np.ma.masked_greater([0.1, 2.0], 1.0), [0.1, 0.2]], "inputs have masked values"),
        (np.zeros((2, 3)), r"inputs have shape \(2, 3\)"),
        (None, "needs inputs"),
    ],
    ids=[
        "empty array",
        "empty tensor",
        "complex",
        "text",
        "ragged",
        "objects",
        "sparse",
        "meta",
        "masked",
        "masked row",
        "wide",
        "none",
    ],
)
def test_what_is_no_batch_of_inputs_is_refused_by_all(gates, verb, inputs, said) -> None:
    circuit = variational_layer(2, 1, 1, True)
    compiled = compile_circuit(circuit, gates=gates)
    given = (torch.sum,) if verb == "value_and_gradients" else ()
    with pytest.raises(QwattError, match=said):
        getattr(compiled, verb)(*given, inputs, torch.zeros(circuit.weight_shape))
    with pytest.raises(QwattError, match="weights hold no sample"):
        getattr(compiled, verb)(*given, torch.zeros(1, 2), torch.zeros(0, *circuit.weight_shape))
