"""Gradients to inputs and weights agree with default.qubit, parameter shift and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pennylane as qml
import pytest
import torch
from random_circuits import N_INPUTS, N_WEIGHTS, Recipe

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine import compile_circuit
from qwatt.quantum.engine.circuit import autograd


def rotating(wires: int, layers: int) -> Circuit:
    """Return a circuit in which every weight and input is the angle of one Pauli rotation."""

    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        for layer in range(layers):
            for wire in range(wires):
                qml.RY(inputs[..., wire], wires=wire)
                qml.RZ(weights[layer, wire, 0], wires=wire)
                qml.RX(weights[layer, wire, 1], wires=wire)
            for wire in range(wires - 1):
                qml.IsingXX(weights[layer, wire, 2], wires=[wire, wire + 1])
                qml.CZ(wires=[wire, (wire + 1) % wires])

    return Circuit(function, wires, wires, (layers, wires, 3), name="rotating")


def readout_gradient(compiled, inputs: torch.Tensor, weights: torch.Tensor, cotangent: torch.Tensor):
    inputs, weights = inputs.clone().requires_grad_(), weights.clone().requires_grad_()
    return torch.autograd.grad((compiled.expval(inputs, weights) * cotangent).sum(), (inputs, weights))


@pytest.fixture(params=["keep", "undo"])
def sweep(request, monkeypatch):
    """Both backward sweeps: with kept states, and by undoing the passes."""
    if request.param == "undo":
        monkeypatch.setattr(autograd, "KEEP_BYTES", -1)
    return request.param


@pytest.mark.parametrize("seed", range(30))
def test_random_circuits_agree_with_default_qubit_backprop(seed: int, sweep: str) -> None:
    rng = np.random.default_rng(seed)
    recipe = Recipe(seed, 1 + seed % 6, 15)
    inputs = torch.from_numpy(rng.normal(size=(3, N_INPUTS)))
    weights = torch.from_numpy(rng.normal(size=N_WEIGHTS))
    cotangent = torch.from_numpy(rng.normal(size=(3, recipe.wires)))
    found = readout_gradient(compile_circuit(recipe.circuit(), torch.complex128), inputs, weights, cotangent)

    @qml.qnode(qml.device("default.qubit", wires=recipe.wires), interface="torch", diff_method="backprop")
    def node(x, w):
        recipe(x, w)
        return [qml.expval(qml.Z(wire)) for wire in range(recipe.wires)]

    leaves = inputs.clone().requires_grad_(), weights.clone().requires_grad_()
    total = sum(
        (torch.stack(node(x, leaves[1])) * c).sum() for x, c in zip(leaves[0], cotangent, strict=True)
    )
    free = total.requires_grad
    expected = torch.autograd.grad(total, leaves, allow_unused=True) if free else (None, None)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(
            ours, torch.zeros_like(ours) if theirs is None else theirs, atol=1e-10, rtol=0
        )


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.complex64, 2e-5), (torch.complex128, 1e-10)])
def test_parameter_shift(dtype: torch.dtype, tolerance: float, sweep: str) -> None:
    compiled = compile_circuit(rotating(4, 2), dtype)
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    weights = torch.randn(2, 4, 3, generator=generator, dtype=torch.float64)
    cotangent = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    _, slope = readout_gradient(compiled, inputs, weights, cotangent)
    for number in range(weights.numel()):
        shift = torch.zeros(weights.numel(), dtype=torch.float64)
        shift[number] = math.pi / 2
        shift = shift.reshape(weights.shape)
        ends = [(compiled.expval(inputs, weights + s * shift) * cotangent).sum() for s in (1, -1)]
        assert abs((ends[0] - ends[1]) / 2 - slope.flatten()[number]) < tolerance


@pytest.mark.parametrize("wires", [2, 3])
def test_gradcheck_with_weights_per_sample(wires: int, sweep: str) -> None:
    compiled = compile_circuit(rotating(wires, 1), torch.complex128)
    generator = torch.Generator().manual_seed(2)
    inputs = torch.randn(2, wires, generator=generator, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(2, 1, wires, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(compiled.expval, (inputs, weights))
    if wires == 2:
        assert torch.autograd.gradcheck(compiled.states, (inputs, weights))


@pytest.mark.parametrize("batched", [False, True])
def test_gradcheck_of_amplitudes_matrices_and_diagonals(batched: bool, sweep: str) -> None:
    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        qml.AmplitudeEmbedding(inputs, wires=[2, 0], normalize=True, pad_with=0.3)
        phases = torch.exp(1j * inputs[..., :2])
        qml.DiagonalQubitUnitary(phases, wires=1)
        generator = torch.stack(
            [torch.stack([weights[0], weights[1]]), torch.stack([weights[1], weights[2]])]
        )
        qml.QubitUnitary(torch.linalg.matrix_exp(1j * generator), wires=1)
        qml.ctrl(qml.QubitUnitary, control=2)(torch.linalg.matrix_exp(-1j * generator), wires=0)
        qml.CRot(weights[0] * weights[1], inputs[..., 0] ** 2, weights[2], wires=[1, 2])

    compiled = compile_circuit(Circuit(function, 3, 3, (3,)), torch.complex128)
    assert not compiled.is_affine
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(2, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    shape = (2, 3) if batched else (3,)
    weights = torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(compiled.expval, (inputs, weights))


def test_gradient_flows_into_a_model_around_the_circuit() -> None:
    compiled = compile_circuit(rotating(3, 1))
    before, after = torch.nn.Linear(5, 3), torch.nn.Linear(3, 1)
    weights = torch.nn.Parameter(torch.randn(1, 3, 3))
    after(compiled.expval(before(torch.randn(4, 5)), weights)).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in (before.weight, after.weight, weights))


def test_second_derivatives(sweep: str) -> None:
    compiled = compile_circuit(rotating(2, 2), torch.complex128)
    generator = torch.Generator().manual_seed(5)
    inputs = torch.randn(2, 2, generator=generator, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(2, 2, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(compiled.expval, (inputs, weights))
    assert torch.autograd.gradgradcheck(compiled.probs, (inputs, weights))


def test_the_hessian_of_one_rotation_is_known() -> None:
    compiled = compile_circuit(Circuit(lambda x, w: qml.RX(w[0], wires=0), 1, 0, (1,)), torch.complex128)
    weight = torch.tensor([0.4], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(compiled.expval(None, weight).sum(), weight, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), weight)
    assert slope.item() == pytest.approx(-math.sin(0.4)) and curvature.item() == pytest.approx(-math.cos(0.4))
