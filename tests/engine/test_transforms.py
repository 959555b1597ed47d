"""Circuits compiled and first called under transforms of torch.func, against plain backward passes."""

from __future__ import annotations

from collections.abc import Callable

import pennylane as qml
import pytest
import torch
from torch import Tensor
from torch.autograd.functional import hessian, jacobian
from torch.func import grad, jacfwd, jacrev, jvp, vmap

from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine import compile_circuit

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")


def rotations(x, w):
    for wire in range(2):
        qml.RY(x[..., wire], wires=wire)
        qml.RZ(w[wire], wires=wire)
    qml.CNOT([0, 1])
    qml.RX(w[2], wires=0)
    qml.RY(w[3], wires=1)


def products(x, w):
    """No angle is affine, so that every call is traced."""
    qml.RY(x[..., 0] * w[0], wires=0)
    qml.RX(w[1] ** 2, wires=1)
    qml.CNOT([0, 1])
    qml.RY(x[..., 1] * x[..., 2] + w[2], wires=0)
    qml.RX(w[3], wires=1)


def amplitudes(x, w):
    qml.AmplitudeEmbedding(x, wires=range(2), normalize=True)
    for n in range(4):
        qml.RY(w[n], wires=n % 2)
        qml.CNOT([0, 1])


CIRCUITS = {"rotations": (rotations, 2), "products": (products, 3), "amplitudes": (amplitudes, 4)}
W, MANY_W = torch.linspace(-0.9, 1.3, 4).double(), torch.linspace(-2, 2, 12).double().reshape(3, 4)
Call = Callable[[Tensor, Tensor], Tensor]


def rows(features: int) -> Tensor:
    return torch.linspace(0.2, 1.7, 3 * features).double().sin().reshape(3, features)


def by_backward(call: Call, x: Tensor, weights: Tensor) -> Tensor:
    return jacobian(lambda w: call(x, w), weights)


# Each under a transform, and what the plain engine gives instead.
TRANSFORMS = {
    "grad": (lambda f, x: grad(lambda w: f(x, w).sum())(W), lambda f, x: by_backward(f, x, W).sum((0, 1))),
    "jacrev": (lambda f, x: jacrev(lambda w: f(x, w))(W), lambda f, x: by_backward(f, x, W)),
    "jacfwd": (lambda f, x: jacfwd(lambda w: f(x, w))(W), lambda f, x: by_backward(f, x, W)),
    "jvp": (lambda f, x: jvp(lambda w: f(x, w), (W,), (W,))[1], lambda f, x: by_backward(f, x, W) @ W),
    "hessian": (
        lambda f, x: torch.func.hessian(lambda w: f(x, w).sum())(W),
        lambda f, x: hessian(lambda w: f(x, w).sum(), W),
    ),
    "vmap of inputs": (lambda f, x: vmap(lambda row: f(row, W))(x)[:, 0], lambda f, x: f(x, W)),
    "vmap of weights": (lambda f, x: vmap(lambda w: f(x[0], w))(MANY_W)[:, 0], lambda f, x: f(x[0], MANY_W)),
    "vmap of grad": (
        lambda f, x: vmap(grad(lambda row: f(row, W).sum()))(x),
        lambda f, x: jacobian(lambda rows: f(rows, W).sum(), x),
    ),
}  # fmt: skip


def circuit_of(name: str) -> Circuit:
    function, features = CIRCUITS[name]
    return Circuit(function, 2, features, (4,), name=name)


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("where", ["arrays", "compiled", "backend"])
@pytest.mark.parametrize("name", CIRCUITS)
def test_a_circuit_may_be_compiled_and_first_called_under_a_transform(name, where, transform) -> None:
    if where == "compiled":
        pytest.importorskip("numba")
    circuit, x = circuit_of(name), rows(CIRCUITS[name][1])
    backend = get_backend("engine:cpu?dtype=complex128")

    def first(inputs: Tensor, weights: Tensor) -> Tensor:
        if where == "backend":
            return backend.expval(circuit, inputs, weights)
        return compile_circuit(circuit, torch.complex128, gates=where).expval(inputs, weights)

    under, plain = TRANSFORMS[transform]
    found = under(first, x)
    reference = compile_circuit(circuit_of(name), torch.complex128).expval
    torch.testing.assert_close(found, plain(reference, x), rtol=0, atol=1e-10)
    kept = by_backward(first, x, W)
    torch.testing.assert_close(kept, by_backward(reference, x, W), rtol=0, atol=1e-10, msg="afterwards")


def test_a_zero_sample_is_refused_under_a_transform_too() -> None:
    compiled = compile_circuit(circuit_of("amplitudes"), torch.complex128)
    x = rows(4)
    x[1] = 0
    with pytest.raises(QwattError, match="a sample that is zero everywhere"):
        vmap(lambda row: compiled.expval(row, W))(x)


def test_a_circuit_that_looks_at_its_weights_is_refused_under_vmap_alone() -> None:
    def looks(x, w):
        qml.RY(w[0], wires=0)
        if w[1] > 0:
            qml.RX(w[1], wires=0)

    compiled = compile_circuit(Circuit(looks, 1, 0, (4,), name="looks"), torch.complex128)
    assert compiled.expval(None, MANY_W).shape == (3, 1)
    with pytest.raises(QwattError, match="circuit 'looks' cannot be traced under a transform") as caught:
        vmap(lambda w: compiled.expval(None, w))(MANY_W)
    assert "a batch is an axis of its own" in str(caught.value.mend)
