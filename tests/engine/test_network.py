"""The network evaluator: which circuits it takes, and that it agrees with the passes and their gradients."""

from __future__ import annotations

import pennylane as qml
import pytest
import torch

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine import CompiledCircuit, compile_circuit
from qwatt.quantum.engine.circuit import autograd
from qwatt.quantum.engine.network import autograd as network_autograd
from qwatt.quantum.engine.network import tiny


def entangling(wires: int, layers: int, real: bool = False, phases: bool = False) -> Circuit:
    """RY of the inputs, then layers of rotations on the even wires or on all, with CNOT and CZ between."""

    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        for wire in range(wires):
            qml.RY(inputs[..., wire] + weights[0, wire, 0], wires=wire)
            if not real:
                qml.RX(0.3 * inputs[..., wire], wires=wire)
        for layer in range(layers):
            for wire in range(0, wires, 1 + layer % 2):
                gate = qml.RY if real else qml.Rot
                gate(*weights[layer, wire, : 1 if real else 3], wires=wire)
            for wire in range(wires - 1):
                qml.CNOT(wires=[wire, wire + 1])
                if phases:
                    qml.IsingZZ(weights[layer, wire, 1], wires=[wire, wire + 1])
        qml.RY(weights[0, 0, 2], wires=0)

    return Circuit(function, wires, wires, (layers, wires, 3), name="entangling")


def drawn(circuit: Circuit, batch: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    shapes = (batch, circuit.n_inputs), circuit.weight_shape, (batch, circuit.wires)
    inputs, weights, cotangent = (torch.randn(s, generator=generator, dtype=torch.float64) for s in shapes)
    return inputs.requires_grad_(), weights.requires_grad_(), cotangent


def with_gradients(compiled: CompiledCircuit, inputs, weights, cotangent):
    found = compiled.expval(inputs, weights)
    return found, *torch.autograd.grad((found * cotangent).sum(), (inputs, weights))


@pytest.mark.parametrize("wires", [1, 2, 3, 5, 9])
@pytest.mark.parametrize(("real", "phases"), [(False, False), (False, True), (True, False)])
@pytest.mark.parametrize("group", [3, 1 << 18])
def test_sweep_agrees_with_passes(wires: int, real: bool, phases: bool, group: int, monkeypatch) -> None:
    monkeypatch.setattr(network_autograd, "GROUP_AMPLITUDES", group)
    monkeypatch.setattr(network_autograd, "FEWEST_SAMPLES", 3)
    compiled = compile_circuit(entangling(wires, 3, real, phases), torch.complex128)
    assert compiled._network is not None
    data = drawn(compiled.circuit, 7)
    evaluated = with_gradients(compiled, *data)
    with torch.no_grad():
        torch.testing.assert_close(compiled.expval(*data[:2]), evaluated[0], rtol=0, atol=0)
    monkeypatch.setattr(autograd, "KEEP_BYTES", -1)
    for ours, theirs in zip(evaluated, with_gradients(compiled, *data), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


def reuploading_nothing(wires: int, rotation, cz: bool) -> Circuit:
    """RY of the inputs, then rotations of all wires, of the odd ones, and of all, with CNOT or CZ between."""

    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        for wire in range(wires):
            qml.RY(0.7 * inputs[..., 0] - inputs[..., wire] + 0.2, wires=wire)
        for layer in range(3):
            for wire in range(layer % 2, wires, 1 + layer % 2):
                rotation(*weights[layer, wire, : rotation.num_params], wires=wire)
            for wire in range(wires - 1):
                (qml.CZ if cz else qml.CNOT)(wires=[wire, (wire + 1) % wires])
        qml.RY(weights[0, 0, 2], wires=wires - 1)

    return Circuit(function, wires, wires, (3, wires, 3), name="shared")


@pytest.mark.parametrize("wires", [2, 3, 4, 5])
@pytest.mark.parametrize("rotation", [qml.Rot, qml.RZ, qml.RX])
@pytest.mark.parametrize("cz", [False, True])
def test_few_wires_are_whole_matrices_and_agree_with_passes(wires: int, rotation, cz, monkeypatch) -> None:
    compiled = compile_circuit(reuploading_nothing(wires, rotation, cz), torch.complex128)
    program = compiled._network
    assert program is not None and program.tiny is not None
    data = drawn(compiled.circuit, 5)
    evaluated = with_gradients(compiled, *data)
    monkeypatch.setattr(program.tiny, "most_samples", 4)
    in_blocks = with_gradients(compiled, *data)
    monkeypatch.setattr(autograd, "KEEP_BYTES", -1)
    for ours, blocks, passes in zip(evaluated, in_blocks, with_gradients(compiled, *data), strict=True):
        torch.testing.assert_close(ours, blocks, rtol=0, atol=1e-12)
        torch.testing.assert_close(ours, passes, rtol=0, atol=1e-12)


def test_whole_matrices_are_for_few_wires_and_few_numbers(monkeypatch) -> None:
    seven = compile_circuit(reuploading_nothing(7, qml.Rot, False))._network
    assert seven is not None and seven.tiny is None
    monkeypatch.setattr(tiny, "MOST_NUMBERS", 100)
    deep = compile_circuit(reuploading_nothing(4, qml.Rot, False))._network
    assert deep is not None and deep.tiny is None


def test_second_derivatives_and_repeated_backward() -> None:
    compiled = compile_circuit(entangling(3, 2), torch.complex128)
    inputs, weights, cotangent = drawn(compiled.circuit, 2)
    assert compiled._network is not None
    assert torch.autograd.gradgradcheck(compiled.expval, (inputs, weights))
    found = compiled.expval(inputs, weights)
    first = torch.autograd.grad(found, weights, cotangent, retain_graph=True)
    compiled.expval(inputs + 1, weights).sum().backward()
    torch.testing.assert_close(torch.autograd.grad(found, weights, cotangent), first, rtol=0, atol=0)


def test_only_what_needs_a_gradient_gets_one() -> None:
    compiled = compile_circuit(entangling(4, 2))
    inputs, weights, _ = drawn(compiled.circuit, 2)
    compiled.expval(inputs.detach(), weights).sum().backward()
    assert inputs.grad is None and weights.grad is not None and weights.grad.dtype == torch.float64
    compiled.expval(inputs, weights.detach()).sum().backward()
    assert inputs.grad is not None


@pytest.mark.parametrize("wires", [1, 2, 7])
@pytest.mark.parametrize("turned", [False, True])
def test_product_states_are_networks_without_layers(wires: int, turned: bool) -> None:
    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        for wire in range(wires if turned else 0):
            qml.RY(inputs[..., 0] + weights[wire], wires=wire)

    compiled = compile_circuit(Circuit(function, wires, 1, (wires,)), torch.complex128)
    assert compiled._network is not None
    inputs = torch.rand(3, 1, dtype=torch.float64, requires_grad=True)
    weights = torch.rand(wires, dtype=torch.float64, requires_grad=True)
    angle = inputs + weights
    found, expected = compiled.expval(inputs, weights), torch.cos(angle if turned else 0 * angle)
    torch.testing.assert_close(found, expected, atol=1e-12, rtol=0)
    slopes = [torch.autograd.grad(result.sum(), (inputs, weights)) for result in (found, expected)]
    torch.testing.assert_close(*slopes, atol=1e-12, rtol=0)


@pytest.mark.parametrize(("features", "pad"), [(8, None), (5, 0.0), (6, 0.3)])
@pytest.mark.parametrize("rotation", [qml.RY, qml.Rot])
def test_embedded_amplitudes_start_a_network(features: int, pad: float | None, rotation, monkeypatch) -> None:
    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        qml.AmplitudeEmbedding(inputs, wires=range(3), pad_with=pad, normalize=True)
        for wire in range(3):
            rotation(*weights[wire, : rotation.num_params], wires=wire)
            qml.CNOT(wires=[wire, (wire + 1) % 3])
        qml.RY(weights[0, 1], wires=1)

    compiled = compile_circuit(Circuit(function, 3, features, (3, 3)), torch.complex128)
    assert compiled._network is not None and compiled._network.evaluator.network.real == (rotation is qml.RY)
    data = drawn(compiled.circuit, 4)
    evaluated = with_gradients(compiled, *data)
    monkeypatch.setattr(autograd, "KEEP_BYTES", -1)
    for ours, theirs in zip(evaluated, with_gradients(compiled, *data), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("gate", ["hadamard", "uploaded again", "controlled", "embedded"])
def test_other_circuits_take_the_passes(gate: str) -> None:
    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        if gate == "embedded":
            qml.AmplitudeEmbedding(inputs, wires=[1, 0], pad_with=0.1, normalize=True)
        qml.RY(weights[0], wires=0)
        qml.CNOT(wires=[0, 1])
        if gate == "hadamard":
            qml.Hadamard(wires=1)
        elif gate == "uploaded again":
            qml.RY(inputs[..., 0], wires=1)
        elif gate == "controlled":
            qml.CRY(weights[1], wires=[1, 0])
        qml.RY(weights[2], wires=1)

    assert compile_circuit(Circuit(function, 2, 3, (3,)))._network is None
