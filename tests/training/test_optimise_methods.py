"""Steps of the optimisers against autograd, PennyLane and closed recursions; each of them lowers the loss."""

from dataclasses import replace

import numpy as np
import pennylane as qml
import pytest
import torch

from qwatt.core.context import Unmetered
from qwatt.core.registry import all_methods, get_backend, get_method
from qwatt.projection.scaling import find_card, scenario_sizes
from qwatt.projection.scaling.today import bill
from qwatt.projection.scenario.file import load_scenario
from qwatt.projection.spread import Span
from qwatt.quantum.algorithms.natural_gradient import natural_step
from qwatt.quantum.algorithms.spsa import QnSpsa
from qwatt.quantum.backends import circuit_backend
from qwatt.quantum.engine.metric.fubini_study import metric_tensor
from qwatt.quantum.primitives import expectation, gradient, metric
from qwatt.stages.training.optimise.batches import Batch, batches
from qwatt.stages.training.optimise.classifier import MlpClassifier, model_of
from qwatt.stages.training.optimise.curve import SpentCurve, SpentPoint
from qwatt.stages.training.optimise.features import angles_of, fit_features
from qwatt.stages.training.optimise.measured import Measured
from qwatt.stages.training.optimise.task import OptimiseTask

TASK, SOURCE = "training/optimise", "builtin:weather"
EXACT = "engine:cpu?dtype=complex128"
RATE, DAMPING = 0.1, 0.05
LARGE = {"qn-spsa": 0.03}
"""Rates for few steps, where the default is for many."""


@pytest.fixture(scope="module")
def problem():
    return OptimiseTask().load(SOURCE, "xs", 0)


def measured(problem, shots=None, spec=EXACT):
    context = Unmetered(get_backend(spec), shots)
    return Measured(model_of(problem, "circuit"), circuit_backend(context), context)


def first_batch(problem, sentences=None):
    batch = next(batches(problem, fit_features(problem)))
    return Batch(batch.x[:sentences].double(), batch.labels[:sentences])


def weights_of(problem):
    shape = model_of(problem, "circuit").shape
    return torch.as_tensor(np.random.default_rng(5).normal(size=shape))


def by_autograd(qpu, weights, batch):
    leaf = weights.clone().float().requires_grad_()
    qpu.model.loss(qpu.model.exact(batch.x.float(), leaf), batch.labels).backward()
    return leaf.grad.double()


def test_parameter_shift_is_autograd(problem):
    qpu, batch, weights = measured(problem), first_batch(problem), weights_of(problem)
    with torch.no_grad():
        found = qpu.gradient(weights, batch)
    assert torch.allclose(found, by_autograd(qpu, weights, batch), atol=1e-5)


def test_shot_noise_is_in_the_gradient_and_averages_out(problem):
    qpu, batch, weights = measured(problem, 100), first_batch(problem), weights_of(problem)
    draws = torch.stack([qpu.gradient(weights, batch).double() for _ in range(200)])
    exact = by_autograd(qpu, weights, batch)
    spread = draws.std(0)
    assert (spread > 1e-3).all()
    assert ((draws.mean(0) - exact).abs() < 5 * spread / 200**0.5 + 0.01).all()


def test_three_classes_are_read_from_three_wires(tmp_path, problem):
    rows = "".join(f'{{"text": "number {i} of kind {i % 3}", "label": "{i % 3}"}}\n' for i in range(90))
    (tmp_path / "three.jsonl").write_text(rows)
    three = OptimiseTask().load(str(tmp_path / "three.jsonl"), "xs", 0)
    qpu, batch, weights = measured(three), first_batch(three), weights_of(three)
    assert qpu.model.readouts == 3 == three.circuit.wires
    assert torch.allclose(qpu.gradient(weights, batch), by_autograd(qpu, weights, batch), atol=1e-5)


def pennylane_cost(problem, batch):
    model = model_of(problem, "circuit")
    sign = 1.0 if int(batch.labels[0]) else -1.0

    @qml.qnode(qml.device("default.qubit", wires=model.circuit.wires + 1))
    def node(weights):
        model.circuit.function(qml.numpy.array(batch.x[0].numpy(), requires_grad=False), weights)
        return qml.expval(qml.Z(0))

    return node, lambda weights: qml.numpy.log(1 + qml.numpy.exp(-sign * model.scale * node(weights)))


def stepped(name, problem, batch, settings, steps):
    qpu, weights = measured(problem), weights_of(problem)
    step = get_method(TASK, name).descent(qpu, settings, np.random.default_rng(0))
    path = []
    with torch.no_grad():
        for number in range(steps):
            weights = step(weights, batch, number, 1.0)
            path.append(weights.flatten())
    return path


def test_a_natural_step_is_pennylanes(problem):
    batch = first_batch(problem, 1)
    node, cost = pennylane_cost(problem, batch)
    theirs = qml.QNGOptimizer(RATE, approx=None, lam=DAMPING)
    tensor = qml.metric_tensor(node, approx=None)
    start = qml.numpy.array(weights_of(problem).numpy(), requires_grad=True)
    moved = theirs.step(cost, start, metric_tensor_fn=tensor)
    settings = {"learning_rate": RATE, "regularisation": DAMPING}
    [ours] = stepped("natural-gradient-full", problem, batch, settings, 1)
    assert np.allclose(ours, np.asarray(moved).flatten(), atol=1e-6)


def test_momentum_is_pennylanes_recursion(problem):
    """accumulated = rho accumulated + eta F^-1 grad, with the metric of the first of five steps."""
    batch, weights, qpu = first_batch(problem), weights_of(problem), measured(problem)
    found = qpu.block_metric(batch.x, weights)
    accumulated, expected = torch.zeros_like(weights), []
    for _ in range(3):
        plain = natural_step(weights, qpu.gradient(weights, batch), found, RATE, 0.01)
        accumulated = 0.5 * accumulated + (weights - plain)
        weights = weights - accumulated
        expected.append(weights.flatten())
    path = stepped("natural-gradient-momentum", problem, batch, {"learning_rate": RATE, "momentum": 0.5}, 3)
    assert torch.allclose(torch.stack(path), torch.stack(expected), atol=1e-9)


def test_the_averaged_metric_is_the_mean_over_all_sentences_seen(problem):
    method = get_method(TASK, "natural-gradient-averaged")
    first, second, third = (torch.full((2, 2), value) for value in (1.0, 2.0, 6.0))
    once = method.joined([], first, 0)
    twice = method.joined([once], second, 1)
    assert torch.equal(method.joined([twice], third, 2), torch.full((2, 2), 3.0))


def test_the_metric_samples_of_qn_spsa_average_to_the_metric_of_the_data(problem):
    qpu, weights, batch = measured(problem), weights_of(problem), first_batch(problem, 1)
    moving = QnSpsa(lambda w: w, lambda a, b: qpu.fidelities(batch.x, a, b), perturbation=0.01, seed=2)
    exact = metric_tensor(qpu.model.circuit, batch.x[0], weights, dtype=torch.complex128)
    few, many = (
        (torch.stack([moving.metric_sample(weights) for _ in range(n)]).mean(0) - exact).norm()
        for n in (40, 1000)
    )
    assert many < 0.5 * few and many < 0.2 * exact.norm() * len(exact) ** 0.5


def test_natural_gradients_bill_their_metric_every_five_steps(problem):
    settings, model = {"learning_rate": RATE, "regularisation": DAMPING}, model_of(problem, "circuit")
    roomy = replace(problem, circuit=replace(problem.circuit, runs=3000))
    sentences, weights = problem.circuit.batch, model.parameters
    step = expectation.demand(model.circuit, sentences, 50) + gradient.demand(model.circuit, sentences, 50)
    bills = get_method(TASK, "natural-gradient-full").schedule(roomy, settings, 50)
    whole = metric.demand(model.circuit, weights, 1, 50)
    assert [bill.circuits for bill in bills[:7]] == [
        step.circuits + (0 if number % 5 else whole.circuits) for number in range(7)
    ]
    assert sum(bill.circuits for bill in bills) <= 3000


SUITED = [method for method in all_methods(TASK) if OptimiseTask().suits(method.name, SOURCE)]


@pytest.mark.parametrize("method", SUITED, ids=lambda m: m.name)
def test_every_optimiser_lowers_the_loss(method, problem):
    roomy = replace(problem, circuit=replace(problem.circuit, runs=1500))
    context = Unmetered(get_backend("engine"), 500)
    settings = method.defaults() | ({"learning_rate": LARGE[method.name]} if method.name in LARGE else {})
    solution = method().run(roomy, settings, context)
    model, features = model_of(roomy, method.model), fit_features(roomy)
    x, labels = angles_of(features, roomy.train), torch.as_tensor(roomy.train.labels)
    with torch.no_grad():
        before, after = (
            float(model.loss(model.exact(x, weights), labels))
            for weights in (model.start(0), torch.as_tensor(solution.answer.arrays["weights"]))
        )
    assert after < before - 0.01


def test_the_mlp_has_no_more_weights_than_the_circuit_and_computes_a_layer():
    model = MlpClassifier(2, 1.0, 3, 2)
    assert model.parameters == 2 * 3 + 2 + 2 + 1
    weights = torch.arange(11.0) / 10
    x = torch.tensor([[0.5, -1.0, 2.0]])
    hidden = torch.tanh(weights[:6].view(2, 3) @ x[0] + weights[6:8])
    assert model.exact(x, weights) == pytest.approx(float(weights[8:10] @ hidden + weights[10]))
    for size in ("xs", "s"):
        problem = OptimiseTask().load(SOURCE, size, 0)
        assert model_of(problem, "mlp").parameters <= model_of(problem, "circuit").parameters


def test_a_curve_gives_the_first_point_that_reaches_a_loss():
    from qwatt.core.quantity import Quantity

    points = [
        SpentPoint(n, 10 * n, 0, 0, Quantity.unknown("none"), loss) for n, loss in enumerate((2.0, 1.0, 1.5))
    ]
    curve = SpentCurve(tuple(points))
    assert curve.reached(1.2) is points[1]
    assert curve.reached(0.5) is None


@pytest.mark.parametrize(("name", "runs"), [("parameter-shift", 600), ("natural-gradient-full", 700)])
def test_the_card_projects_the_circuits_that_are_planned(name, runs, problem):
    """One gate of the card's generic circuit is one of its own; circuits and shots must be the same."""
    method, shots = get_method(TASK, name), 50
    roomy = replace(problem, circuit=replace(problem.circuit, runs=runs))
    bills = method.schedule(roomy, method.defaults(), shots)
    steps, sentences = len(bills), roomy.circuit.batch
    angles = model_of(roomy, "circuit").parameters
    sizes = scenario_sizes(load_scenario("llama-3.1-8b-chat"))
    sizes |= {"N": Span.given(angles), "D": Span.given(float(steps * sentences))}
    sizes |= {"t_in": Span.given(1.0), "t_out": Span.given(0.0)}
    pinned = {"shots": shots, "batch": sentences}
    pinned |= {"step_gain": 1, "refresh": 5} if name != "parameter-shift" else {}
    projected = bill(find_card(f"{TASK}/{name}").pinned(pinned), sizes)
    assert steps == 5
    assert projected.circuits == sum(found.circuits for found in bills)
    assert projected.shots == sum(found.shots for found in bills)
