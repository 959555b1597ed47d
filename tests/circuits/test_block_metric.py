"""The metric in blocks and its steps against closed forms, and many weights at once against one by one."""

import math

import numpy as np
import pennylane as qml
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.quantum.algorithms.block_metric import block_metric, commuting_blocks
from qwatt.quantum.algorithms.natural_gradient import natural_step, overlap_metric
from qwatt.quantum.backends import get_circuit_backend
from qwatt.quantum.backends.stacked import stacked_expval, weight_fidelities
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits import ansaetze
from qwatt.quantum.circuits.reupload import reupload, variational_layer
from qwatt.quantum.demand import shifted_gates, weight_uses
from qwatt.quantum.engine import compile_circuit
from qwatt.quantum.engine.metric.fubini_study import metric_tensor
from qwatt.quantum.primitives import expectation, gradient, metric
from qwatt.quantum.primitives.overlaps import demand as overlap_demand
from qwatt.quantum.primitives.size import size_of

EXACT = "engine:cpu?dtype=complex128"
NONE = torch.zeros(1, 0, dtype=torch.float64)


def angles(circuit, seed=0):
    return torch.as_tensor(np.random.default_rng(seed).normal(size=circuit.weight_shape))


def one_qubit():
    return Circuit(lambda _, w: (qml.RY(w[0], 0), qml.RZ(w[1], 0)), 1, 0, (2,), name="one_qubit")


def two_qubits():
    def function(_, w):
        qml.RY(w[0], 0)
        qml.RX(w[1], 1)
        qml.CNOT([0, 1])
        qml.RZ(w[2], 1)

    return Circuit(function, 2, 0, (3,), name="two_qubits")


def test_one_qubits_step_is_the_closed_form():
    """RY(a) then RZ(b): F = diag(1/4, sin(a)^2/4), and X falls along -(4 cos a cos b, -4 sin b / sin a)."""
    circuit, start = one_qubit(), torch.tensor([0.7, 0.4], dtype=torch.float64)
    a, b = start.tolist()
    found = block_metric(get_circuit_backend(EXACT), circuit, NONE, start)
    assert torch.allclose(found, torch.diag(torch.tensor([0.25, math.sin(a) ** 2 / 4]).double()), atol=1e-12)
    slope = torch.tensor([math.cos(a) * math.cos(b), -math.sin(a) * math.sin(b)], dtype=torch.float64)
    moved = natural_step(start, slope, found, 0.05, 0.0)
    expected = [a - 0.2 * math.cos(a) * math.cos(b), b + 0.2 * math.sin(b) / math.sin(a)]
    assert moved.tolist() == pytest.approx(expected)


def test_two_qubits_step_is_the_closed_form():
    """Before RZ(c) the mean of Z_1 is cos a cos b, so that the third entry is (1 - (cos a cos b)^2)/4."""
    circuit, start = two_qubits(), torch.tensor([0.7, 0.4, -0.3], dtype=torch.float64)
    a, b, _ = start.tolist()
    last = (1 - (math.cos(a) * math.cos(b)) ** 2) / 4
    found = block_metric(get_circuit_backend(EXACT), circuit, NONE, start)
    assert torch.allclose(found, torch.diag(torch.tensor([0.25, 0.25, last]).double()), atol=1e-12)
    slope = torch.tensor([0.1, -0.2, 0.3], dtype=torch.float64)
    moved = natural_step(start, slope, found, 0.1, 0.0)
    assert moved.tolist() == pytest.approx([a - 0.04, b + 0.08, -0.3 - 0.03 / last])


def columns():
    """Gates column by column: PennyLane forms its layers in the order of the queue."""

    def function(_, w):
        for wire in range(3):
            qml.RY(w[0, wire], wire)
        for wire in range(2):
            qml.CNOT([wire, wire + 1])
        for wire in range(3):
            qml.RX(w[1, wire], wire)
        qml.CNOT([2, 0])
        for wire in range(3):
            qml.RZ(w[2, wire], wire)

    return Circuit(function, 3, 0, (3, 3), name="columns")


@pytest.mark.parametrize("circuit", [columns(), one_qubit(), two_qubits()], ids=lambda c: c.name)
def test_blocks_are_pennylanes(circuit):
    weights = angles(circuit)

    @qml.qnode(qml.device("default.qubit", wires=circuit.wires), interface="torch")
    def node(w):
        circuit.function(None, w)
        return qml.expval(qml.Z(0))

    theirs = qml.metric_tensor(node, approx="block-diag")(weights.clone().requires_grad_()).detach()
    ours = block_metric(get_circuit_backend(EXACT), circuit, NONE, weights)
    assert torch.allclose(ours, theirs.reshape(ours.shape), atol=1e-10)


@pytest.mark.parametrize("circuit", [variational_layer(3, 2, 1), ansaetze.ring_ansatz(3, 2)])
def test_blocks_are_those_of_the_whole_metric_averaged_over_the_data(circuit):
    x = torch.as_tensor(np.random.default_rng(1).normal(size=(3, circuit.n_inputs)))
    weights = angles(circuit)
    whole = metric_tensor(circuit, x if circuit.n_inputs else None, weights, dtype=torch.complex128)
    whole = whole.reshape(-1, *whole.shape[-2:]).mean(0)
    inside = torch.zeros_like(whole)
    for block in commuting_blocks(circuit):
        index = torch.tensor(block.weights)
        inside[index[:, None], index] = 1.0
    found = block_metric(get_circuit_backend(EXACT), circuit, x, weights)
    assert torch.allclose(found, whole * inside, atol=1e-10)
    assert torch.allclose(found.diagonal(), whole.diagonal(), atol=1e-10)


def test_shots_converge_to_the_blocks():
    circuit, weights = variational_layer(2, 1, 1), angles(variational_layer(2, 1, 1))
    x, backend = torch.zeros(2, 2), get_circuit_backend("engine")
    exact = block_metric(backend, circuit, x, weights)
    found = block_metric(backend, circuit, x, weights, shots=20_000)
    assert 0 < (found - exact).abs().max() < 5 * 0.25 / math.sqrt(2 * 20_000)


def test_blocks_cost_no_more_than_their_bill():
    """A circuit a block and sample; each is cut off at its block, where the bill charges the whole."""
    circuit, x = variational_layer(3, 2, 1), torch.zeros(5, 3)
    backend = get_circuit_backend("engine")
    block_metric(backend, circuit, x, angles(circuit), shots=10)
    spent, blocks = backend.recorder.demand, len(commuting_blocks(circuit))
    bill = metric.block_bill(size_of(circuit), blocks, 5, 10).demand("metric")
    planned = sum(expectation.demand(b.circuit, 5, 10).circuits for b in commuting_blocks(circuit))
    assert spent.circuits == bill.circuits == planned == 6 * 5
    assert spent.shots == bill.shots
    assert spent.gates_2q < bill.gates_2q and spent.depth <= bill.depth + 1


def test_weights_that_are_shared_have_no_blocks():
    with pytest.raises(QwattError, match="exactly one rotation"):
        commuting_blocks(reupload(2, 2))


@pytest.mark.parametrize("spec", [EXACT, "pennylane:default.qubit"])
def test_many_weights_at_once_are_one_by_one(spec):
    circuit, backend = variational_layer(2, 2, 1), get_circuit_backend(spec)
    weights = torch.stack([angles(circuit, seed) for seed in range(3)])
    x = torch.as_tensor(np.random.default_rng(1).normal(size=(4, 2)))
    found = stacked_expval(backend, circuit, x, weights)
    alone = torch.stack([backend.expval(circuit, x, one) for one in weights])
    assert found.shape == (3, 4, 2)
    assert torch.allclose(found, alone.to(found), atol=1e-6)
    assert backend.recorder.demand.circuits == 2 * 12


def test_fidelities_of_moved_weights_are_overlaps_of_states():
    circuit, backend = variational_layer(2, 2, 1), get_circuit_backend(EXACT)
    first, second = (torch.stack([angles(circuit, seed + k) for seed in range(3)]) for k in (0, 3))
    x = torch.as_tensor(np.random.default_rng(1).normal(size=(2, 2)))
    found = weight_fidelities(backend, circuit, x, first, second)
    plan = compile_circuit(circuit, dtype=torch.complex128)
    for pair, (a, b) in enumerate(zip(first, second, strict=True)):
        expected = (plan.states(x, a).conj() * plan.states(x, b)).sum(1).abs() ** 2
        assert torch.allclose(found[pair], expected, atol=1e-12)
    bill = overlap_demand(circuit, 6, 1000)
    spent = backend.recorder.demand
    assert (spent.circuits, spent.gates_1q, spent.gates_2q) == (6, bill.gates_1q, bill.gates_2q)


def test_the_whole_metric_from_measured_overlaps_is_the_engines():
    circuit, backend = variational_layer(2, 1, 1), get_circuit_backend(EXACT)
    weights, x = angles(circuit), torch.zeros(1, 2, dtype=torch.float64)
    found = overlap_metric(lambda a, b: weight_fidelities(backend, circuit, x, a, b).mean(1), weights)
    exact = metric_tensor(circuit, x[0], weights, dtype=torch.complex128)
    assert torch.allclose(found, exact, atol=1e-9)
    assert backend.recorder.demand.circuits == metric.demand(circuit, 6, 1, 1).circuits


def test_what_is_kept_of_a_circuit_does_not_depend_on_whether_gradients_were_recorded():
    """Angles are found by autograd, once: asked for first under no_grad, all were taken for none."""
    circuit = Circuit(lambda x, w: qml.RY(w[0] + x[..., 0], 0), 1, 1, (1,), name="asked_first")
    with torch.no_grad():
        assert compile_circuit(circuit).is_affine
        assert weight_uses(circuit) is not None
        assert shifted_gates(circuit) == 1
    other = Circuit(lambda _, w: qml.RY(w[0], 0), 1, 0, (1,), name="asked_first_too")
    with torch.inference_mode():
        assert weight_uses(other) == (1,)
        assert gradient.demand(other, 3, 1).circuits == 6
        assert compile_circuit(other).is_affine
