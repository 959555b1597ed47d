"""Programs: real circuits stay real, sizes at which the passes change their method, borrowed memory."""

from __future__ import annotations

import pennylane as qml
import pytest
import torch

from qwatt.quantum.circuit import Circuit
from qwatt.quantum.engine import compile_circuit
from qwatt.quantum.engine.arrays.workspace import Lease, Workspace
from qwatt.quantum.engine.circuit import autograd
from qwatt.quantum.engine.circuit.apply import BlockPass, SampleBlockPass


def real_circuit(wires: int) -> Circuit:
    def function(inputs: torch.Tensor, weights: torch.Tensor) -> None:
        qml.AmplitudeEmbedding(inputs, wires=[1, 0], normalize=True)
        for layer in weights:
            for wire in range(wires):
                qml.RY(layer[wire] + inputs[..., wire % 4], wires=wire)
                qml.CNOT(wires=[wire, (wire + 1) % wires])
            qml.Hadamard(0)
            qml.CRY(layer[0], wires=[0, wires - 1])
            qml.CH(wires=[1, 0])

    return Circuit(function, wires, 4, (2, wires), name="real")


def states_of_default_qubit(circuit: Circuit, inputs: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires), diff_method=None)
    def node(row):
        circuit.function(row, weights)
        return qml.state()

    return torch.stack([torch.as_tensor(node(row)) for row in inputs])


@pytest.mark.parametrize("wires", [3, 6, 9])
def test_a_real_circuit_is_run_in_real_numbers(wires: int) -> None:
    circuit = real_circuit(wires)
    inputs, weights = torch.randn(3, 4).double(), torch.randn(2, wires).double()
    compiled = compile_circuit(circuit, torch.complex128)
    ((program, values),) = compiled._prepare(inputs, weights, False)
    assert program.real and not autograd.evolve(program, values).is_complex()
    found = compiled.states(inputs, weights)
    expected = states_of_default_qubit(circuit, inputs, weights).to(torch.complex128)
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("real", [False, True])
@pytest.mark.parametrize("batch", [1, 2, 3, 8, 20])
@pytest.mark.parametrize("right", [1, 2, 8])
@pytest.mark.parametrize("width", [1, 3, 4])
def test_block_passes_equal_a_plain_contraction(real: bool, batch: int, right: int, width: int) -> None:
    kind = torch.float64 if real else torch.complex128
    size, left = 2**width, 2
    state = torch.randn(left * size * right, batch, dtype=torch.complex128)
    slope = torch.randn_like(state)
    shared = torch.linalg.qr(torch.randn(size, size, dtype=kind))[0]
    split, slopes = (t.reshape(left, size, right, batch) for t in (state, slope))
    step = BlockPass(width, right)
    expected = torch.einsum("ij,ljrb->lirb", shared.to(state.dtype), split).reshape(state.shape)
    torch.testing.assert_close(step.apply(state, shared), expected)
    torch.testing.assert_close(step.apply(state, shared, torch.empty_like(state)), expected)
    torch.testing.assert_close(step.undo(expected, shared), state)
    gradient = torch.einsum("lirb,ljrb->ij", slopes, split.conj())
    found = step.operand_gradient(state, slope, shared)
    torch.testing.assert_close(found, gradient.real if real else gradient)

    own = torch.linalg.qr(torch.randn(batch, size, size, dtype=kind))[0]
    step = SampleBlockPass(width, right)
    first = state.mT.contiguous()
    expected = torch.einsum("bij,ljrb->blir", own.to(state.dtype), split).reshape(first.shape)
    torch.testing.assert_close(step.apply(first, own), expected)
    torch.testing.assert_close(step.undo(expected, own, torch.empty_like(first)), first)
    gradient = torch.einsum("lirb,ljrb->bij", slopes, split.conj())
    found = step.operand_gradient(first, slope.mT.contiguous(), own)
    torch.testing.assert_close(found, gradient.real if real else gradient)


@pytest.mark.parametrize("limit", [-1, 2**30])
def test_calls_that_overlap_do_not_share_memory(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two forward runs before two backward runs, in either order, give the gradients of separate runs."""
    monkeypatch.setattr(autograd, "KEEP_BYTES", limit)
    circuit = Circuit(lambda x, w: qml.StronglyEntanglingLayers(w, wires=range(5)), 5, 0, (3, 5, 3))
    compiled = compile_circuit(circuit, torch.complex128)
    points = [torch.randn(3, 5, 3, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    alone = [torch.autograd.grad(compiled.expval(None, p).sum(), p)[0] for p in points]
    for order in ((0, 1), (1, 0)):
        results = [compiled.expval(None, p).sum() for p in points]
        together = {i: torch.autograd.grad(results[i], points[i])[0] for i in order}
        for number in order:
            torch.testing.assert_close(together[number], alone[number])


def test_the_backward_run_can_be_repeated() -> None:
    circuit = Circuit(lambda x, w: qml.StronglyEntanglingLayers(w, wires=range(4)), 4, 0, (3, 4, 3))
    weights = torch.randn(3, 4, 3, requires_grad=True)
    total = compile_circuit(circuit).expval(None, weights).sum()
    first, second = (torch.autograd.grad(total, weights, retain_graph=True)[0] for _ in range(2))
    assert torch.equal(first, second)


def test_the_workspace_lends_a_buffer_once() -> None:
    workspace, like = Workspace(), torch.zeros(1)
    first = Lease(workspace, 100, like)
    second = Lease(workspace, 50, like)
    assert first.buffer.data_ptr() != second.buffer.data_ptr()
    place = first.buffer.data_ptr()
    del first, second
    assert Lease(workspace, 80, like).buffer.data_ptr() == place
