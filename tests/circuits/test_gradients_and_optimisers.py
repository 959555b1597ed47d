import numpy as np
import pennylane as qml
import pytest
import torch

from qwatt.core.errors import QwattError
from qwatt.quantum.algorithms import gradients, natural_gradient, spsa
from qwatt.quantum.circuit import Circuit
from qwatt.quantum.circuits import ansaetze, reupload
from qwatt.quantum.demand import probe_tape, shifted_gates, weight_uses
from qwatt.quantum.engine import compile_circuit
from qwatt.quantum.engine.metric.fubini_study import metric_tensor
from qwatt.quantum.primitives import gradient, metric, perturbation


def z_of(circuit, inputs=None):
    @qml.qnode(qml.device("default.qubit", wires=circuit.wires), interface="torch", diff_method="backprop")
    def run(weights):
        circuit.function(inputs, weights)
        return [qml.expval(qml.Z(wire)) for wire in circuit.readout]

    return lambda weights: torch.stack(list(run(weights)))


def random_weights(circuit, seed=0):
    return torch.as_tensor(np.random.default_rng(seed).normal(size=circuit.weight_shape))


def fidelity_of(circuit):
    plan = compile_circuit(circuit, dtype=torch.complex128)
    return lambda a, b: (plan.states(None, a).conj() * plan.states(None, b)).sum(1).abs() ** 2


@pytest.mark.parametrize(
    "circuit",
    [ansaetze.ring_ansatz(3, 2), ansaetze.strongly_entangling(2, 2), ansaetze.hardware_efficient(3, 1)],
)
def test_parameter_shift_is_the_derivative(circuit):
    weights, run = random_weights(circuit), z_of(circuit)
    exact = torch.autograd.functional.jacobian(run, weights)
    found = gradients.parameter_shift(circuit, gradients.rowwise(run), weights)
    assert torch.allclose(found.movedim(-1, 0), exact, atol=1e-9)
    assert torch.allclose(gradients.gate_shift(circuit, None, weights), exact, atol=1e-9)


def test_shared_weights_are_refused_by_the_two_term_rule_and_solved_by_gates():
    circuit, inputs = reupload.reupload(2, 3), torch.tensor([0.3, 0.8], dtype=torch.float64)
    weights, run = random_weights(circuit), z_of(circuit, inputs)
    with pytest.raises(QwattError, match="gate_shift"):
        gradients.parameter_shift(circuit, gradients.rowwise(run), weights)
    exact = torch.autograd.functional.jacobian(run, weights)
    assert torch.allclose(gradients.gate_shift(circuit, inputs, weights), exact, atol=1e-9)


def test_the_bill_of_shared_weights_counts_every_use():
    circuit = reupload.reupload(2, 3)
    assert weight_uses(circuit) == (3, 3, 1, 1)
    assert gradient.demand(circuit, 5, 10).circuits == 2 * (3 + 3 + 1 + 1) * 5
    scaled = Circuit(lambda _, w: qml.RX(2 * w[0], 0), 1, 0, (1,))
    assert weight_uses(scaled) is None
    assert shifted_gates(scaled) == 1
    controlled = Circuit(lambda _, w: qml.CRX(w[0], [0, 1]), 2, 0, (1,))
    assert weight_uses(controlled) is None
    assert shifted_gates(controlled) == 2
    assert shifted_gates(circuit, weights=False, inputs=True) == 3 * 2


@pytest.mark.parametrize(
    "circuit",
    [
        reupload.reupload(3, 2, 2),
        reupload.variational_layer(2, 2),
        Circuit(lambda _, w: (qml.CRY(w[0], [0, 1]), qml.RX(2 * w[0], 1)), 2, 0, (1,)),
    ],
)
def test_the_bill_is_the_circuits_that_pennylane_would_run(circuit):
    tape = probe_tape(circuit, weights=True)
    angles = [p for op in tape.operations for p in op.parameters]
    trained = [i for i, angle in enumerate(angles) if angle.requires_grad]
    everywhere = qml.prod(*(qml.Z(wire) for wire in range(circuit.wires)))
    measured = qml.tape.QuantumScript(tape.operations, [qml.expval(everywhere)], trainable_params=trained)
    circuits, _ = qml.gradients.param_shift(measured)
    assert gradient.demand(circuit, 1, 1).circuits == len(circuits)


def quadratic(target):
    return lambda stacked: ((stacked - target) ** 2).flatten(1).sum(1)


def test_spsa_is_unbiased_and_descends():
    target = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    start = torch.zeros(3, dtype=torch.float64)
    descent = spsa.Spsa(quadratic(target), seed=1)
    mean = torch.stack([descent.gradient(start) for _ in range(4000)]).mean(0)
    assert torch.allclose(mean, -2 * target, atol=0.25)
    descent, weights = spsa.Spsa(quadratic(target), 0.2, seed=2), start
    for _ in range(300):
        weights = descent.step(weights)
    assert quadratic(target)(weights[None]) < 0.05


def test_metrics_agree_with_pennylane():
    circuit = ansaetze.ring_ansatz(2, 2)
    weights = random_weights(circuit, 4)

    @qml.qnode(qml.device("default.qubit", wires=circuit.wires), interface="torch")
    def node(w):
        circuit.function(None, w)
        return qml.expval(qml.Z(0))

    exact = qml.adjoint_metric_tensor(node)(weights.clone().requires_grad_()).detach()
    measured = natural_gradient.overlap_metric(fidelity_of(circuit), weights)
    assert torch.allclose(measured, exact.reshape(measured.shape), atol=1e-9)
    fast = metric_tensor(circuit, None, weights, dtype=torch.complex128)
    assert torch.allclose(measured, fast, atol=1e-9)


def test_metric_samples_average_to_the_metric():
    circuit = ansaetze.ring_ansatz(2, 1)
    weights = random_weights(circuit, 5)
    exact = natural_gradient.overlap_metric(fidelity_of(circuit), weights)
    descent = spsa.QnSpsa(quadratic(0.0), fidelity_of(circuit), perturbation=0.01, seed=3)
    mean = torch.stack([descent.metric_sample(weights) for _ in range(400)]).mean(0)
    assert torch.allclose(mean, exact, atol=0.06)


def test_a_natural_step_solves_a_quadratic_bowl_in_one_go():
    metric = torch.tensor([[2.0, 0.3], [0.3, 0.1]], dtype=torch.float64)
    goal = torch.tensor([1.0, -4.0], dtype=torch.float64)
    start = torch.zeros(2, dtype=torch.float64)
    gradient = metric @ (start - goal)
    assert torch.allclose(natural_gradient.natural_step(start, gradient, metric, 1.0, 0.0), goal)
    stacked = torch.stack([metric, metric])
    assert torch.allclose(natural_gradient.natural_step(start, gradient, stacked, 1.0, 0.0), goal)


def test_natural_gradient_and_qnspsa_lower_an_energy():
    circuit = ansaetze.ring_ansatz(2, 2)
    plan, fidelity = compile_circuit(circuit, dtype=torch.complex128), fidelity_of(circuit)
    start = random_weights(circuit, 6)

    def energies(stacked):
        return plan.expval(None, stacked).sum(1)

    def energy(weights):
        return energies(weights[None])[0]

    weights = start
    for _ in range(15):
        grad = torch.autograd.functional.jacobian(energy, weights)
        metric = natural_gradient.overlap_metric(fidelity, weights)
        weights = natural_gradient.natural_step(weights, grad, metric, 0.1)
    assert energy(weights) < -1.95
    descent, weights = spsa.QnSpsa(energies, fidelity, 0.05, seed=0), start
    for _ in range(60):
        weights = descent.step(weights)
    assert energy(weights) < energy(start) - 0.5


def test_demands():
    circuit = ansaetze.ring_ansatz(3, 1)
    assert perturbation.demand(circuit, 8, 5, 10).circuits == 80
    both = perturbation.natural_demand(circuit, 8, 5, 10)
    assert both.circuits == 80 + 20
    assert both.circuit_lines[1].gates_2q == 2 * both.circuit_lines[0].gates_2q
    assert metric.demand(circuit, 3, 2, 1).circuits == 2 * 15
