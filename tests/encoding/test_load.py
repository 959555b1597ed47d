"""The load task: scores, sources, every method's conformance, and what a trial exports."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from qwatt.core.errors import QwattError
from qwatt.core.problem import Solution
from qwatt.core.registry import all_methods
from qwatt.stages.encoding.load.code import Code
from qwatt.stages.encoding.load.problem import LoadAnswer, LoadProblem
from qwatt.stages.encoding.load.score import recall, rmse, true_similarities
from qwatt.stages.encoding.load.sources import TOPICS, read_array
from qwatt.stages.encoding.load.task import LoadTask
from qwatt.testing import MethodChecks, TaskChecks
from qwatt.testing.trials import run_small, small_spec


class TestLoadTask(TaskChecks):
    task = LoadTask
    source = TOPICS


def checks_of(cls: type) -> type:
    return type(f"Test{cls.__name__}", (MethodChecks,), {"method": cls, "source": TOPICS})


METHODS = all_methods("encoding/load")
for _method in METHODS:
    globals()[f"Test{_method.__name__}"] = checks_of(_method)


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training to the end is for `test_truth`."""
    for method in METHODS:
        if "steps" in method.space:
            monkeypatch.setattr(method, "space", {**method.space, "steps": (3,)})


@pytest.fixture(scope="module")
def problem() -> LoadProblem:
    return LoadTask().load(TOPICS, "xs", 0)


def answered(problem: LoadProblem, shift: float, bytes_read: float = 1.0) -> Solution[LoadAnswer]:
    code = Code("float32", len(problem.stored), bytes_read, {"vectors": problem.stored})
    found = [true_similarities(part, problem.stored) + shift for part in (problem.validation, problem.test)]
    return Solution(LoadAnswer(code, *found))


def test_the_quality_is_recall_where_the_error_is_allowed_and_falls_with_the_error(problem):
    task = LoadTask()
    for shift, expected in ((0.0, 1.0), (0.0199, 1.0), (0.04, 0.5)):
        quality = task.score(problem, answered(problem, shift))
        assert quality.value == pytest.approx(expected)
        assert quality.extras["rmse"] == pytest.approx(shift)
        assert quality.extras["recall_at_10"] == 1.0


def test_recall_is_that_of_an_exhaustive_search():
    rng = np.random.default_rng(0)
    true, found = rng.normal(size=(7, 50)), rng.normal(size=(7, 50))
    hits = [
        len(set(np.argsort(-t)[:10]) & set(np.argsort(-f)[:10])) for t, f in zip(true, found, strict=True)
    ]
    assert recall(found, true) == pytest.approx(sum(hits) / 70)
    assert recall(true, true) == 1.0
    assert rmse(found, true) == pytest.approx(np.linalg.norm(found - true) / np.sqrt(350))


def test_equally_near_vectors_are_equally_right():
    true = np.array([[1.0] * 5 + [0.5] * 20])
    found = true.copy()
    found[0, 10:15] += 0.1
    assert recall(found, true) == 1.0


def test_beyond_the_goal_the_tuner_takes_what_reads_least(problem):
    task = LoadTask()
    few, many = (task.validate(problem, answered(problem, 0.0, read)).value for read in (10, 1e9))
    poor = task.validate(problem, answered(problem, 0.03, 1)).value
    assert few > many > poor


def test_a_users_array_is_normalised_and_bad_rows_are_named(tmp_path: Path):
    rows = np.random.default_rng(0).normal(size=(60, 5)) * 3
    np.save(tmp_path / "rows.npy", rows)
    found, ids = read_array(tmp_path / "rows.npy")
    assert np.allclose(found, rows / np.linalg.norm(rows, axis=1, keepdims=True), atol=1e-6)
    assert ids[7] == "rows.npy:7"
    np.save(tmp_path / "far.npy", rows * np.array([1e300, 1e-290, 1e40, 1.0])[np.arange(60) % 4, None])
    assert np.array_equal(read_array(tmp_path / "far.npy")[0], found), "a row's size does not matter"
    problem = LoadTask().load(str(tmp_path / "rows.npy"), "full", 0)
    assert (len(problem.stored), len(problem.validation), len(problem.test)) == (48, 6, 6)
    for wrong, words in (
        (rows[:20], "too few"),
        (rows[0], "table of numbers"),
        (np.where(np.arange(60)[:, None] == 3, np.nan, rows), "row 3 is zero or not finite"),
        (np.where(np.arange(60)[:, None] == 4, 0, rows), "row 4 is zero or not finite"),
        (rows.astype(complex), "complex"),
    ):
        np.save(tmp_path / "wrong.npy", wrong)
        with pytest.raises(QwattError, match=words):
            LoadTask().load(str(tmp_path / "wrong.npy"), "xs", 0)
    (tmp_path / "none.npy").write_bytes(b"no array")
    with pytest.raises(QwattError, match="no array"):
        LoadTask().load(str(tmp_path / "none.npy"), "xs", 0)


def test_a_users_texts_are_embedded(tmp_path: Path):
    texts = [f"Sentence {i} tells of {word}." for i, word in enumerate(["rain", "wine", "steel"] * 20)]
    (tmp_path / "mine.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in texts))
    problem = LoadTask().load(str(tmp_path / "mine.jsonl"), "xs", 0)
    assert problem.dimensions == 16 and len(problem.stored) == 48
    assert np.allclose(np.linalg.norm(problem.stored, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_an_exported_code_answers_as_the_trial_did(method, tmp_path: Path):
    trial, problem, solution = run_small(method, small_spec(method, TOPICS))
    again = pickle.loads(pickle.dumps(solution.answer))
    assert np.array_equal(again.test, solution.answer.test)
    files = LoadTask().export(problem, solution, tmp_path)
    code = Code.load(tmp_path)
    assert code.config == json.loads(json.dumps(dict(solution.answer.code.config)))
    assert all(np.array_equal(code.arrays[k], v) for k, v in solution.answer.code.arrays.items())
    lines = files[-1].read_text("utf-8").splitlines()
    assert len(lines) == len(problem.test)
    nearest = json.loads(lines[0])["nearest"]
    assert nearest[0]["similarity"] == pytest.approx(solution.answer.test[0].max())
    assert trial.extras["bytes_per_vector"] == code.bytes_kept / len(problem.stored)
    with pytest.raises(QwattError, match="no saved code"):
        Code.load(tmp_path / "nowhere")
