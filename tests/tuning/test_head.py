"""The head task: scores, every head's conformance, and what the problem holds."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from labelled import sentences, write_rows

from qwatt.core.context import Unmetered
from qwatt.core.demand import Demand
from qwatt.core.problem import Solution
from qwatt.core.registry import all_methods, get_backend
from qwatt.protocol.plan import trial_effort
from qwatt.stages.tuning.head.logistic import LogisticHead
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem, Scores
from qwatt.stages.tuning.head.score import confusion_matrix, macro_f1
from qwatt.stages.tuning.head.task import HeadTask
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec

SOURCE = "builtin:weather"


class TestHeadTask(TaskChecks):
    task = HeadTask
    source = SOURCE


def checks_of(cls: type) -> type:
    return type(f"Test{cls.__name__}", (MethodChecks,), {"method": cls, "source": SOURCE})


METHODS = [m for m in all_methods("tuning/head") if HeadTask().suits(m.name, SOURCE)]
for _method in METHODS:
    globals()[f"Test{_method.__name__}"] = checks_of(_method)


@pytest.fixture(scope="module")
def problem() -> HeadProblem:
    return HeadTask().load(SOURCE, "xs", 0)


def answered(problem: HeadProblem, scores: Scores) -> Solution[HeadAnswer]:
    model = HeadModel("logistic", problem.classes, "hashed:16", 1, {})
    return Solution(HeadAnswer(model, np.zeros((len(problem.validation), scores.shape[1])), scores))


def columns(margins: np.ndarray) -> Scores:
    return np.stack([-margins, margins], axis=1).astype(float)


def test_scores_are_accuracies(problem: HeadProblem) -> None:
    labels = problem.test.labels
    task = HeadTask()
    assert task.score(problem, answered(problem, columns(labels - 0.5))).value == 1.0
    assert task.score(problem, answered(problem, columns(0.5 - labels))).value == 0.0
    ones = task.score(problem, answered(problem, columns(np.ones(len(labels)))))
    assert ones.value == labels.mean()
    assert ones.extras["balanced_accuracy"] == 0.5


def test_the_tuner_prefers_accuracy_and_then_margins(problem: HeadProblem) -> None:
    labels = problem.validation.labels
    right = 2.0 * labels - 1.0
    model = HeadModel("logistic", problem.classes, "hashed:16", 1, {})
    wrong_once = right.copy()
    wrong_once[0] *= -100
    values = [
        HeadTask().validate(problem, Solution(HeadAnswer(model, columns(m)))).value
        for m in (wrong_once, 0.1 * right, right)
    ]
    assert values[0] < values[1] < values[2]


def test_macro_f1_and_confusion_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import confusion_matrix as reference
    from sklearn.metrics import f1_score

    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 4, 200), rng.normal(size=(200, 4))
    found = confusion_matrix(scores, labels)
    assert (found == reference(labels, scores.argmax(1))).all()
    assert macro_f1(found) == pytest.approx(f1_score(labels, scores.argmax(1), average="macro"))


@pytest.mark.parametrize("classes", [3, 6])
@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_more_classes_than_two(
    method: type, classes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 3 classes the quantum head has a wire for each, with 6 it has not."""
    if "steps" in method.space:
        monkeypatch.setattr(method, "space", {**method.space, "steps": (4,)})
    source = write_rows(tmp_path / "rows.jsonl", sentences(classes, 26))
    trial, problem, solution = run_small(method, small_spec(method, source))
    answer = solution.answer
    assert isinstance(problem, HeadProblem)
    assert answer.test.shape == (len(problem.test), classes)
    assert np.array(trial.extras["confusion"]).sum() == len(problem.test) == classes * 6
    planned, _ = trial_effort(method(), problem, trial.spec, trial.settings)
    recorded = Demand.from_record(trial.demand)
    assert (planned.demand.circuits, planned.demand.shots) == (recorded.circuits, recorded.shots)
    assert planned.demand.gates_2q == recorded.gates_2q
    if method.reads_circuits:
        assert method().circuit_wires(answer.model) == recorded.qubits
    if method.kind == "classical":
        least = 0.9 if trial.extras["parameters"] else 0.7  # neighbours do not learn which word counts
        assert trial.quality > least, "each class has a word of its own"


@pytest.mark.parametrize("classes", [2, 3])
def test_a_plan_counts_each_coefficient_once_a_sentence(classes: int, tmp_path: Path) -> None:
    several = HeadTask().load(write_rows(tmp_path / "rows.jsonl", sentences(classes, 26)), "xs", 0)
    head, settings = LogisticHead(), LogisticHead.defaults()
    model = head.fit(several, settings, Unmetered(get_backend("engine")))
    work = head.decide_effort(several, settings, 10, None).work
    assert work == {"gemm_flop": 2.0 * 10 * model.arrays["coefficients"].size}


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_sentences_that_are_all_alike_have_finite_scores(
    method: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of one letter: their vectors are one, which varies in no dimension."""
    if "steps" in method.space:
        monkeypatch.setattr(method, "space", {**method.space, "steps": (4,)})
    rows = [("a" * (30 + i), i % 2) for i in range(60)]
    trial, problem, solution = run_small(
        method, small_spec(method, write_rows(tmp_path / "rows.jsonl", rows))
    )
    assert isinstance(problem, HeadProblem)
    assert np.ptp(problem.train.vectors, axis=0).max() == 0
    assert np.isfinite(solution.answer.test).all()
    assert 0 <= trial.quality <= 1


def test_answers_pickle(monkeypatch: pytest.MonkeyPatch) -> None:
    for method in METHODS:
        if "steps" in method.space:
            monkeypatch.setattr(method, "space", {**method.space, "steps": (4,)})
        _, _, solution = run_small(method, small_spec(method, SOURCE))
        again = pickle.loads(pickle.dumps(solution.answer))
        assert (again.test == solution.answer.test).all()
        assert again.model.config == solution.answer.model.config


def test_a_plan_embeds_nothing(problem: HeadProblem, monkeypatch: pytest.MonkeyPatch) -> None:
    from qwatt.language import embedding as module

    def refuse(*_: object) -> None:
        raise AssertionError("a sentence was embedded")

    monkeypatch.setattr(module, "embed_long", refuse)
    fresh = HeadTask().load(SOURCE, "xs", 0)
    for method in METHODS:
        plan = method().plan(fresh, method.defaults(), 100)
        assert bool(plan.once.work) == method.frozen_encoder
        assert plan.run.work is not None
