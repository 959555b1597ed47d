"""What a distillation's numbers rest on: a useful teacher, its losses by hand, the exported folder."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist
from scipy.special import log_softmax
from transformers import AutoModelForCausalLM, AutoTokenizer

from qwatt.core.context import Unmetered
from qwatt.core.registry import get_backend, get_method
from qwatt.language.decoder import validation_loss
from qwatt.stages.tuning.distil.export import write_student
from qwatt.stages.tuning.distil.features import Projection
from qwatt.stages.tuning.distil.lesson import lesson
from qwatt.stages.tuning.distil.objective import hinton
from qwatt.stages.tuning.distil.problem import TASK, DistilAnswer, DistilProblem
from qwatt.stages.tuning.distil.relational import angles, distances
from qwatt.stages.tuning.distil.task import DistilTask


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


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_student_with_its_teachers_logits_beats_the_same_student_from_scratch(seed) -> None:
    scratch = min(bits("scratch", seed, rate=rate) for rate in (0.8, 0.4, 1.2))
    assert bits("hinton", seed) < scratch


@pytest.mark.nightly
def test_it_does_so_on_the_small_language_model_too() -> None:
    found = {name: distilled(name, "m")[1].test for name in ("scratch", "hinton")}
    assert found["hinton"].bits_per_character < found["scratch"].bits_per_character
    assert found["hinton"].accuracy > 0


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
