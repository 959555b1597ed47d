"""Selections: every solver against exhaustive search, bounds of greedy, and what a choice is judged by."""

import json
import pickle
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods, get_backend, get_method, get_task
from qwatt.quantum import qubo
from qwatt.stages.curation.select.downstream import Classifier, equal_texts
from qwatt.stages.curation.select.facility_location import FacilityLocation, lazy_greedy
from qwatt.stages.curation.select.features import _gradients, features, proxy
from qwatt.stages.curation.select.k_center import KCenter, farthest_first
from qwatt.stages.curation.select.loss_sampling import LossSampling
from qwatt.stages.curation.select.matching import Matching
from qwatt.stages.curation.select.matching_annealing import MatchingAnnealing
from qwatt.stages.curation.select.matching_one_swap import MatchingOneSwap
from qwatt.stages.curation.select.matching_qaoa import MatchingQaoa
from qwatt.stages.curation.select.matching_random_windows import MatchingRandomWindows
from qwatt.stages.curation.select.matching_tabu import MatchingTabu
from qwatt.stages.curation.select.ngram import ByteModel
from qwatt.stages.curation.select.quotas import groups
from qwatt.stages.curation.select.random_choice import RandomChoice
from qwatt.stages.curation.select.sources import WEATHER
from qwatt.stages.curation.select.task import SelectTask
from qwatt.stages.curation.select.windows import search, window_count
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

SOLVERS = [MatchingOneSwap, MatchingAnnealing, MatchingTabu, MatchingQaoa, MatchingRandomWindows]
METHODS = [FacilityLocation, KCenter, LossSampling, *SOLVERS, RandomChoice]


class TestTask(TaskChecks):
    task = SelectTask
    source = WEATHER


class SelectChecks(MethodChecks):
    source = WEATHER

    def test_the_budget_is_kept(self):
        _, problem, solution = self._run()
        chosen = solution.answer.chosen
        assert len(chosen) == problem.budget == len(solution.answer.scores)
        assert (np.diff(chosen) > 0).all() and chosen[0] >= 0 and chosen[-1] < len(problem.pool)

    def test_the_held_back_examples_change_no_choice(self):
        problem = SelectTask().load(WEATHER, "xs", 1)
        blind = replace(problem, validation=problem.test, test=problem.validation)
        method = self.method()
        found = [
            method.run(p, method.defaults(), Unmetered(get_backend("engine"), 100)).answer.chosen
            for p in (problem, blind)
        ]
        np.testing.assert_array_equal(*found)


class TestFacilityLocation(SelectChecks):
    method = FacilityLocation


class TestKCenter(SelectChecks):
    method = KCenter


class TestLossSampling(SelectChecks):
    method = LossSampling


class TestOneSwap(SelectChecks):
    method = MatchingOneSwap


class TestAnnealing(SelectChecks):
    method = MatchingAnnealing


class TestTabu(SelectChecks):
    method = MatchingTabu


class TestQaoa(SelectChecks):
    method = MatchingQaoa


class TestRandomWindows(SelectChecks):
    method = MatchingRandomWindows


class TestRandom(SelectChecks):
    method = RandomChoice


def test_these_are_all_methods_of_the_task_with_equal_rights_to_tune():
    others = {m.name for m in all_methods("curation/select") if not m.name.startswith("representative-")}
    assert others == {m.name for m in METHODS}
    spaces = {
        m.name: int(np.prod([len(c) for c in m.space.values()]))
        for m in METHODS
        if m not in (MatchingRandomWindows, RandomChoice)
    }
    assert set(spaces.values()) == {4}


def instance(examples, wide, seed):
    rows = np.random.default_rng(seed).normal(size=(examples, wide))
    return rows - rows.mean(axis=0)


def every_choice(examples, budget):
    for chosen in combinations(range(examples), budget):
        bits = np.zeros(examples, dtype=np.int8)
        bits[list(chosen)] = 1
        yield bits


def test_the_quadratic_form_of_a_window_is_the_objective_up_to_a_constant():
    matching = Matching(instance(9, 3, 0), 4)
    outside = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0], dtype=np.int8)
    inside = np.arange(3, 9)
    linear, quadratic = matching.window(outside, inside)
    gaps = set()
    for part in every_choice(6, 2):
        bits = outside.copy()
        bits[inside] = part
        bqm_energy = qubo.energy_of(qubo.bqm_from_arrays(linear, quadratic), part)
        whole = qubo.BudgetedQubo.single(linear, quadratic, 2)
        assert bqm_energy == pytest.approx(whole.energies(part))
        gaps.add(round(matching.objective(bits) - float(bqm_energy), 9))
    assert len(gaps) == 1


def context(seed=0, shots=400):
    return Unmetered(get_backend("engine"), shots, seed)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("seed", range(3))
def test_a_window_of_the_whole_pool_is_solved_as_by_exhaustive_search(solver, seed):
    """Ten examples, five to choose: 252 choices. One-swap search may end in a local minimum, never below."""
    matching = Matching(instance(10, 4, seed), 5)
    values = sorted(matching.objective(bits) for bits in every_choice(10, 5))
    method = solver()
    bits, path = search(
        matching, 12, 8, method.solver(method.defaults(), context(seed)), np.random.default_rng(seed)
    )
    assert bits.sum() == 5
    assert path[-1] == pytest.approx(matching.objective(bits))
    assert path == sorted(path, reverse=True)
    if solver is MatchingOneSwap:
        assert values[0] - 1e-12 <= path[-1] <= values[10]
    else:
        assert path[-1] == pytest.approx(values[0])


@pytest.mark.parametrize("seed", range(5))
def test_lazy_greedy_is_greedy_and_near_the_best(seed):
    rows = instance(11, 4, seed)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    similarity = np.maximum(unit @ unit.T, 0.0)

    def value(chosen):
        return similarity[:, list(chosen)].max(axis=1).sum() if len(chosen) else 0.0

    chosen, gains = lazy_greedy(rows, 4, np.random.default_rng(0))
    for n, gain in enumerate(gains):
        before = chosen[:n].tolist()
        best_gain = max(value([*before, j]) for j in range(11)) - value(before)
        assert gain == pytest.approx(best_gain)
        assert value(chosen[: n + 1]) - value(before) == pytest.approx(best_gain)
    best = max(value(c) for c in combinations(range(11), 4))
    assert value(chosen) >= (1 - 1 / np.e) * best


@pytest.mark.parametrize("seed", range(5))
def test_farthest_first_is_within_twice_the_least_radius(seed):
    rows = instance(12, 3, seed)
    distance = np.linalg.norm(rows[:, None] - rows[None], axis=2)

    def radius(chosen):
        return distance[:, list(chosen)].min(axis=1).max()

    chosen, _ = farthest_first(rows, 4)
    assert len(set(chosen.tolist())) == 4
    assert radius(chosen) <= 2 * min(radius(c) for c in combinations(range(12), 4)) + 1e-12


def test_equal_examples_can_all_be_chosen():
    rows = np.zeros((6, 2))
    assert sorted(farthest_first(rows, 5)[0].tolist())[-1] <= 5
    assert len(set(farthest_first(rows, 5)[0].tolist())) == 5
    assert len(set(lazy_greedy(rows, 5, np.random.default_rng(0))[0].tolist())) == 5


def test_circuits_are_as_many_as_windows_and_no_wider_than_said():
    trial, problem, solution = run_small(MatchingQaoa, small_spec(MatchingQaoa, WEATHER))
    windows = window_count(len(problem.pool), problem.budget, 12, 2 if "sweeps" in trial.settings else 1)
    assert trial.demand["circuits"] == windows == solution.notes["windows"]
    assert trial.demand["qubits"] == 12


def test_labels_get_their_shares():
    problem = SelectTask().load(WEATHER, "xs", 0)
    labels = problem.pool.labels
    found = groups(problem, by_label=True)
    assert sum(n for _, n in found) == problem.budget
    for group, n in found:
        assert len(set(labels[group])) == 1
        assert abs(n - problem.budget * len(group) / len(labels)) < 1


def brute_bits(training, text):
    """The formula of the model of bytes, byte by byte with dictionaries."""
    edge = b"\xff" * 4
    grams = [{} for _ in range(6)]
    for piece in training:
        data = edge + piece.encode()
        for i in range(4, len(data)):
            for order in range(1, 6):
                followers = grams[order].setdefault(data[i - order + 1 : i], {})
                followers[data[i]] = followers.get(data[i], 0) + 1
    data, bits = edge + text.encode(), 0.0
    for i in range(4, len(data)):
        share = 1 / 256
        for order in range(1, 6):
            followers = grams[order].get(data[i - order + 1 : i], {})
            times, kinds = sum(followers.values()), len(followers)
            if times:
                share = (followers.get(data[i], 0) + kinds * share) / (times + kinds)
        bits -= np.log2(share)
    return bits


@given(
    st.lists(st.text("abcé 中", max_size=12), min_size=1, max_size=4),
    st.lists(st.text("abcdé 中", max_size=12), min_size=1, max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_the_model_of_bytes_is_the_formula(training, held):
    found = ByteModel(training).bits(held)
    np.testing.assert_allclose(found, [brute_bits(training, text) for text in held], atol=1e-9)


def test_texts_of_a_choice_have_as_many_characters():
    pool = ["a" * n for n in range(10, 60)]
    for chosen in (pool[:10], pool[-10:], pool[20:30]):
        assert sum(map(len, equal_texts(chosen, pool, 10))) <= 10 * np.quantile([len(t) for t in pool], 0.25)
    assert equal_texts(pool[-10:], pool, 10)[0] == "a" * 34


def test_a_choice_of_one_label_is_smoothed_not_refused():
    model = Classifier.fit(np.eye(3, dtype=np.float32), np.array([1, 1, 1]), 2)
    np.testing.assert_allclose(model.probabilities(np.eye(3, dtype=np.float32)), [[0.2, 0.8]] * 3)
    assert model.bits(np.eye(3, dtype=np.float32)[:1], np.array([0]))[0] == pytest.approx(-np.log2(0.2))


@pytest.mark.parametrize("classes", [2, 3])
def test_gradients_are_those_of_the_small_models_loss(classes):
    """Autograd of the cross-entropy in weights that are added to the model's own logits, at 0."""
    problem = SelectTask().load(WEATHER, "xs", 2)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, len(problem.pool))
    problem = replace(problem, classes=tuple("abc"[:classes]))
    vectors = problem.pool.embedding.embed().value
    found = _gradients(vectors, labels, problem, np.random.default_rng(1))
    shares = proxy(vectors, labels, problem, np.random.default_rng(1)).probabilities(vectors)
    for i in (0, 7):
        weights = torch.zeros((classes, vectors.shape[1] + 1), dtype=torch.float64, requires_grad=True)
        inputs = torch.tensor([*vectors[i].tolist(), 1.0], dtype=torch.float64)
        logits = torch.log(torch.tensor(shares[i])) + weights @ inputs
        torch.nn.functional.cross_entropy(logits, torch.tensor(labels[i])).backward()
        truth = weights.grad.numpy()[1:] if classes == 2 else weights.grad.numpy()
        np.testing.assert_allclose(found[i], truth.ravel(), atol=1e-7)


def test_features_have_mean_0_and_length_1_and_repeat():
    problem = SelectTask().load(WEATHER, "xs", 2)
    for kind in ("gradient", "embedding"):
        rows = features(problem, kind, context(3))
        np.testing.assert_array_equal(rows, features(problem, kind, context(3)))
        np.testing.assert_allclose(rows.mean(axis=0), 0.0, atol=1e-12)
        assert (rows**2).sum(axis=1).mean() == pytest.approx(1.0)


def test_covering_is_worth_more_than_drawing_on_easy_labels():
    """The weather's classes have words of their own; each of the same nine pools is chosen from by both."""
    gains = [
        run_small(RandomChoice, small_spec(RandomChoice, WEATHER, seed=seed))[0].quality
        - run_small(FacilityLocation, small_spec(FacilityLocation, WEATHER, seed=seed))[0].quality
        for seed in range(9)
    ]
    assert np.median(gains) > 0.02, "the task's margin"


UNLABELLED = [
    "Der Fluss fliesst an dem alten Haus vorbei, Nummer {}.",
    "河边有一座老房子，第{}号，门前有一棵树。",
    "The old house by the river has the number {} on its door.",
    "Число {} написано на двери старого дома.",
]


@pytest.fixture(scope="module")
def unlabelled(tmp_path_factory):
    file = tmp_path_factory.mktemp("own") / "mine.jsonl"
    rows = [{"id": f"n{i}", "text": UNLABELLED[i % 4].format(i * i), "extra": [i]} for i in range(80)]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file, rows


@pytest.mark.parametrize("method", METHODS)
def test_text_without_labels_in_several_scripts(unlabelled, method):
    file, rows = unlabelled
    trial, problem, _ = run_small(method, small_spec(method, str(file), tuning_trials=2))
    assert problem.pool.labels is None and "accuracy" not in trial.extras
    assert 0 < trial.quality < 8 and trial.extras["characters_trained_on"] > 0
    held = set(problem.validation.ids) | set(problem.test.ids)
    assert not held & set(problem.pool.ids) and held < {row["id"] for row in rows}


def test_what_is_exported_is_the_users_rows_in_their_order(unlabelled, tmp_path):
    file, rows = unlabelled
    trial, problem, solution = run_small(KCenter, small_spec(KCenter, str(file)))
    solution = pickle.loads(pickle.dumps(solution))
    selected, report, card = SelectTask().export(problem, solution, tmp_path / "k-center")
    written = [json.loads(line) for line in selected.read_text(encoding="utf-8").splitlines()]
    assert written == [row for row in rows if row in written] and len(written) == problem.budget
    record = json.loads(report.read_text())
    assert [entry["id"] for entry in record["selected"]] == [row["id"] for row in written]
    assert record["method"] == "k-center" and json.loads(card.read_text())["format"] == 1
    assert "chosen; trained on them alone" in SelectTask().headline(trial, str(selected)).facts[0]
    assert SelectTask().summary(trial)["chosen"] == problem.budget


def test_the_user_may_fix_the_budget_within_the_pool():
    method = get_method("curation/select", "random")
    problem = get_task("curation/select").load(WEATHER, "xs", 0)
    assert len(method.run(problem, {"budget": 5}, context()).answer.chosen) == 5
    for budget in (-1, len(problem.pool)):
        with pytest.raises(QwattError, match="cannot be chosen"):
            method.run(problem, {"budget": budget}, context())


def test_too_few_examples_are_refused(tmp_path):
    file = tmp_path / "few.jsonl"
    file.write_text("\n".join(json.dumps({"text": f"text {i % 4}"}) for i in range(60)), encoding="utf-8")
    with pytest.raises(QwattError, match="4 different texts are too few"):
        SelectTask().load(str(file), "full", 0)
