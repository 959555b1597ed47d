"""What a distillation's numbers rest on: a useful teacher, its losses by hand, the exported folder."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pennylane as qml
import pytest
import torch
from scipy.spatial.distance import pdist
from scipy.special import log_softmax
from transformers import AutoModelForCausalLM, AutoTokenizer

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method
from qwatt.language.decoder import validation_loss
from qwatt.quantum.backends.choose import get_circuit_backend
from qwatt.quantum.circuits.feature_maps import phase_angles
from qwatt.stages.tuning.distil.export import write_student
from qwatt.stages.tuning.distil.features import Projection
from qwatt.stages.tuning.distil.gram import product_fidelity
from qwatt.stages.tuning.distil.lesson import lesson
from qwatt.stages.tuning.distil.objective import hinton
from qwatt.stages.tuning.distil.problem import TASK, DistilAnswer, DistilProblem
from qwatt.stages.tuning.distil.relational import angles, distances
from qwatt.stages.tuning.distil.task import DistilTask
from qwatt.torch import attached, load_layer
from qwatt.torch.fidelity import measured_fidelities


def distilled(name: str, size: str, seed: int = 0, **changes: Any) -> tuple[DistilProblem, DistilAnswer]:
    method = get_method(TASK, name)
    problem = DistilTask().load("held-back", size, seed)
    settings = method.defaults() | changes
    context = Unmetered(get_backend("engine"), shots=200, seed=seed)
    solution = method.run(problem, settings, context)
    return problem, method.apply(problem, solution, settings, context).answer


def bits(name: str, seed: int, **changes: Any) -> float:
    answer = distilled(name, "s", seed, **changes)[1]
    assert answer.test is not None
    return answer.test.bits_per_character


@pytest.mark.parametrize("seeds", [(0,), pytest.param((0, 1, 2, 3), marks=pytest.mark.nightly)])
def test_a_student_with_its_teachers_logits_beats_the_same_student_from_scratch(seeds) -> None:
    scratch = np.mean([min(bits("scratch", seed, rate=rate) for rate in (0.4, 0.3, 0.6)) for seed in seeds])
    assert np.mean([bits("hinton", seed) for seed in seeds]) < scratch
    assert np.mean([bits("features", seed) for seed in seeds]) < scratch


@pytest.mark.nightly
def test_it_does_so_on_the_small_language_model_too() -> None:
    found = {name: distilled(name, "m")[1].test for name in ("scratch", "hinton")}
    assert found["hinton"].bits_per_character < found["scratch"].bits_per_character
    assert found["hinton"].accuracy > 0


@pytest.mark.parametrize(("wires", "entanglement"), [(3, "full"), (2, "linear"), (3, "none")])
def test_measured_fidelities_and_gradients_are_those_of_pennylane(wires, entanglement) -> None:
    circuit = phase_angles(wires, entanglement)
    backend = get_circuit_backend("engine:cpu?dtype=complex128")
    torch.manual_seed(2)
    x = torch.randn(3, circuit.n_inputs, dtype=torch.float64, requires_grad=True)
    y = torch.randn(2, circuit.n_inputs, dtype=torch.float64, requires_grad=True)

    @qml.qnode(qml.device("default.qubit", wires=wires), interface="torch", diff_method="backprop")
    def zeros(a, b):
        circuit.function(a, None)
        qml.adjoint(circuit.function)(b, None)
        return qml.probs(wires=range(wires))

    own = measured_fidelities(lambda a, b: backend.kernel(circuit, a.numpy(), b.numpy()), x, y)
    other = torch.stack([torch.stack([zeros(a, b)[0] for b in y]) for a in x])
    torch.testing.assert_close(own, other)
    weights = torch.randn(3, 2, dtype=torch.float64)
    found = torch.autograd.grad((own * weights).sum(), (x, y))
    torch.testing.assert_close(found, torch.autograd.grad((other * weights).sum(), (x, y)))
    if entanglement == "none":
        torch.testing.assert_close(product_fidelity(x, y), other)


def test_gradients_of_finite_shots_scatter_about_the_exact_ones() -> None:
    circuit, backend = phase_angles(2), get_circuit_backend("engine")
    x, y = torch.randn(1, 3, generator=torch.manual_seed(0)).requires_grad_(), torch.randn(1, 3)

    def slope(shots: int | None) -> torch.Tensor:
        found = measured_fidelities(lambda a, b: backend.kernel(circuit, a.numpy(), b.numpy(), shots), x, y)
        return torch.autograd.grad(found.sum(), x)[0]

    drawn = torch.stack([slope(100) for _ in range(120)])
    error = drawn.std(0) / math.sqrt(len(drawn))
    assert ((drawn.mean(0) - slope(None)).abs() < 4.5 * error + 1e-6).all()
    assert (drawn.std(0) > 0.01).all()


def test_hinton_is_the_divergence_of_the_tempered_distributions() -> None:
    rng = np.random.default_rng(0)
    student, teacher = rng.normal(size=(2, 5, 7))
    p, q = log_softmax(teacher / 3.0, axis=1), log_softmax(student / 3.0, axis=1)
    by_hand = 9.0 * (np.exp(p) * (p - q)).sum(axis=1).mean()
    assert float(hinton(torch.tensor(student), torch.tensor(teacher), 3.0)) == pytest.approx(by_hand)
    assert float(hinton(torch.tensor(teacher), torch.tensor(teacher), 3.0)) == pytest.approx(0.0)


def test_relations_are_those_of_geometry_whatever_turns_and_scales_the_space() -> None:
    rng = np.random.default_rng(1)
    states = rng.normal(size=(6, 4))
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    apart = pdist(states)
    np.testing.assert_allclose(distances(torch.tensor(states)).numpy(), apart / apart.mean())
    found = angles(torch.tensor(states)).numpy()
    a, b = states[2] - states[0], states[5] - states[0]
    assert found[0, 2, 5] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    moved = torch.tensor(3.0 * states @ turn + 1.0)
    np.testing.assert_allclose(angles(moved).numpy(), found, atol=1e-12)
    np.testing.assert_allclose(distances(moved).numpy(), apart / apart.mean())


def test_a_projection_that_is_right_costs_nothing() -> None:
    term = Projection(3, 5)
    states = torch.randn(11, 3)
    with torch.no_grad():
        assert float(term.loss(states, term.map(states))) == pytest.approx(0.0)
        assert float(term.loss(states, torch.ones(11, 5))) > 0


def test_the_lesson_holds_what_gives_the_teachers_own_logits() -> None:
    problem = DistilTask().load("held-back", "xs", 0)
    found = lesson("tutor", problem)
    ids = torch.from_numpy(found.train[:3, :-1])
    with torch.no_grad():
        own, whole = found.head(found.taught().value[:3]), found.model(input_ids=ids).logits
    torch.testing.assert_close(own, whole, atol=1e-4, rtol=1e-4)
    texts = [set(map(bytes, part)) for part in (found.train, found.validation, found.test)]
    assert not texts[0] & texts[1] and not texts[0] & texts[2] and not texts[1] & texts[2]


def test_the_student_loads_with_plain_transformers_and_predicts_as_scored(tmp_path) -> None:
    problem, answer = distilled("hinton", "xs")
    files = write_student(answer, tmp_path)
    assert files[0].name == "model.safetensors"
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "student")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "student")
    found = lesson("tutor", problem)
    losses = [validation_loss(model, window, found.context) for window in found.test]
    assert answer.test is not None
    assert np.mean(losses) == pytest.approx(answer.test.nats_per_token, rel=1e-4)
    assert len(tokenizer) == found.vocabulary == answer.size.vocabulary
    assert answer.parameters == sum(weights.numel() for weights in model.parameters())
    assert math.exp(answer.test.nats_per_token) < found.vocabulary


def test_a_student_with_a_layer_is_loaded_as_its_readme_says(tmp_path) -> None:
    problem, answer = distilled("mlp-student", "xs")
    write_student(answer, tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "student")
    layer, facts = load_layer(tmp_path)
    found = lesson("tutor", problem)
    with attached(model, layer, facts["block"], facts["place"]):
        losses = [validation_loss(model, window, found.context) for window in found.test]
    assert answer.test is not None
    assert np.mean(losses) == pytest.approx(answer.test.nats_per_token, rel=1e-4)


def test_the_mlp_student_has_as_many_parameters_as_the_quantum_student() -> None:
    sizes = {name: distilled(name, "xs")[1].parameters for name in ("quantum-student", "mlp-student")}
    assert sizes["mlp-student"] == pytest.approx(sizes["quantum-student"], rel=0.02)
