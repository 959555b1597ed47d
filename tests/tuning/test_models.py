"""A fitted head is data: what is saved decides as the library that fitted it would."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled import sentences, write_rows

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods, get_backend, get_method
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import HeadProblem
from qwatt.stages.tuning.head.task import HeadTask


@pytest.fixture(scope="module", params=[2, 3, 6])
def problem(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> HeadProblem:
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    return HeadTask().load(write_rows(path, sentences(request.param, 26)), "xs", 0)


def context(shots: int | None = None) -> Unmetered:
    return Unmetered(get_backend("engine"), shots, seed=3)


def fitted(problem: HeadProblem, name: str, **changes: Any) -> HeadModel:
    method: Any = get_method("tuning/head", name)
    return method.fit(problem, method.defaults() | changes, context())


def decided(model: HeadModel, problem: HeadProblem) -> np.ndarray:
    method: Any = get_method("tuning/head", model.method)
    return method.decide(model, problem.test.vectors, context())


def standardised(problem: HeadProblem) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.preprocessing import StandardScaler

    train, test = (part.vectors.astype(float) for part in (problem.train, problem.test))
    scaler = StandardScaler().fit(problem.train.vectors)
    return scaler.transform(train), scaler.transform(test)


def margins_or_scores(scores: np.ndarray) -> np.ndarray:
    """Return what scikit-learn's decision function does: one margin of two classes, else a column each."""
    return scores[:, 1] - scores[:, 0] if scores.shape[1] == 2 else scores


def test_logistic_decides_as_scikit_learn(problem: HeadProblem) -> None:
    from sklearn.linear_model import LogisticRegression

    train, test = standardised(problem)
    reference = LogisticRegression(C=0.1, max_iter=1000).fit(train, problem.train.labels)
    found = decided(fitted(problem, "logistic", C=0.1), problem)
    assert np.allclose(margins_or_scores(found), reference.decision_function(test), atol=1e-6)


@pytest.mark.parametrize("gamma", ["scale", 0.01])
def test_svm_decides_as_scikit_learn(problem: HeadProblem, gamma: Any) -> None:
    from sklearn.svm import SVC

    train, test = standardised(problem)
    reference = SVC(C=10.0, gamma=gamma).fit(train, problem.train.labels)
    found = decided(fitted(problem, "svm-rbf", C=10.0, gamma=gamma), problem)
    assert np.allclose(margins_or_scores(found), reference.decision_function(test), atol=1e-6)


def test_mlp_decides_as_scikit_learn(problem: HeadProblem) -> None:
    from scipy.special import softmax
    from sklearn.neural_network import MLPClassifier

    train, test = standardised(problem)
    reference = MLPClassifier((48,), alpha=1.0, learning_rate_init=3e-3, max_iter=5000, random_state=3).fit(
        train.astype(np.float32), problem.train.labels
    )
    found = decided(fitted(problem, "mlp", alpha=1.0, learning_rate=3e-3), problem)
    assert np.allclose(softmax(found, axis=1), reference.predict_proba(test.astype(np.float32)), atol=1e-5)


@pytest.mark.parametrize("name", [m.name for m in all_methods("tuning/head")])
def test_a_loaded_head_decides_as_the_saved_one(name: str, problem: HeadProblem, tmp_path: Path) -> None:
    model = fitted(
        problem, name, **({"steps": 3} if "steps" in get_method("tuning/head", name).space else {})
    )
    files = model.save(tmp_path / "head")
    assert [file.name for file in files] == ["model.safetensors", "head.json"]
    loaded = HeadModel.load(tmp_path / "head")
    assert (loaded.classes, loaded.encoder, loaded.config) == (model.classes, model.encoder, model.config)
    assert (decided(loaded, problem) == decided(model, problem)).all()


def test_a_damaged_head_is_refused(problem: HeadProblem, tmp_path: Path) -> None:
    with pytest.raises(QwattError, match="no saved head"):
        HeadModel.load(tmp_path)
    fitted(problem, "logistic").save(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"torn")
    with pytest.raises(QwattError, match="no saved head"):
        HeadModel.load(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [("method", 1.5), ("method", {}), ("encoder", 3), ("config", []), ("classes", "ab"), ("classes", [0, 1])],
)
def test_a_head_with_a_field_of_another_type_is_refused(
    field: str, value: object, problem: HeadProblem, tmp_path: Path
) -> None:
    fitted(problem, "logistic").save(tmp_path)
    file = tmp_path / "head.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {field: value}), "utf-8")
    with pytest.raises(QwattError, match="no saved head"):
        HeadModel.load(tmp_path)
