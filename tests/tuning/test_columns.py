"""Heads on few columns of a table: encodings, closed forms, published rules, and tables as sources."""

from pathlib import Path
from typing import Any

import numpy as np
import pennylane as qml
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.feature_selection import SelectKBest, f_classif

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods, get_backend, get_method
from qwatt.core.study_file import check_study
from qwatt.quantum.backends.noisy import AUTO_DENSITY_WIRES
from qwatt.stages.tuning.head.columns.base import LOG2N, ColumnHead, N
from qwatt.stages.tuning.head.columns.choice import choose_columns, table_arrays, unit_rows
from qwatt.stages.tuning.head.columns.distance import QuantumDistance
from qwatt.stages.tuning.head.columns.simplified import SimplifiedKernelSvm
from qwatt.stages.tuning.head.columns.twins import QuantumDistanceTwin
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.problem import HeadProblem
from qwatt.stages.tuning.head.rows import own_numbers
from qwatt.stages.tuning.head.score import area_under_curve, other_readouts
from qwatt.stages.tuning.head.task import HeadTask
from qwatt.testing import MethodChecks
from qwatt.testing.trials import run_small, small_spec

SOURCE = "breast_cancer"
COLUMN_HEADS = [m for m in all_methods("tuning/head") if issubclass(m, ColumnHead)]

for _method in COLUMN_HEADS:
    globals()[f"Test{_method.__name__}"] = type(
        f"Test{_method.__name__}", (MethodChecks,), {"method": _method, "source": SOURCE, "tuning_trials": 1}
    )


@pytest.fixture(scope="module")
def problem() -> HeadProblem:
    return HeadTask().load(SOURCE, "xs", 0)


def exact() -> Unmetered:
    return Unmetered(get_backend("engine"))


def settings(**changes: Any) -> dict[str, Any]:
    return {"map": LOG2N, "features": 8, "C": 1.0} | changes


def raw(problem: HeadProblem, part: Any) -> np.ndarray:
    """Return a part's rows as scikit-learn has them, found by their names."""
    every = load_breast_cancer().data
    return np.asarray([every[int(name.split(":")[1])] for name in part.ids])


def test_columns_are_those_of_the_largest_f_on_the_training_rows(problem: HeadProblem) -> None:
    chosen = SelectKBest(f_classif, k=8).fit(raw(problem, problem.train), problem.train.labels)
    found = choose_columns(problem, 8)
    assert set(found["columns"]) == set(np.flatnonzero(chosen.get_support()))
    tested = own_numbers(table_arrays(problem), problem.test.vectors)
    assert np.allclose(tested, raw(problem, problem.test), rtol=1e-4, atol=1e-4)


def test_a_row_is_the_published_programs(problem: HeadProblem) -> None:
    """Columns over their length, then rows over theirs; a common factor of the columns falls out."""
    arrays = choose_columns(problem, 8) | table_arrays(problem)
    rows = raw(problem, problem.train)[:, arrays["columns"]]
    rows = rows / np.linalg.norm(rows, axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert np.allclose(unit_rows(arrays, problem.train.vectors), rows, atol=1e-4)


def test_both_encodings_are_pennylanes(problem: HeadProblem) -> None:
    rng = np.random.default_rng(0)
    x = np.abs(rng.normal(size=(3, 8)))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    device = qml.device("default.qubit")

    @qml.qnode(device)
    def amplitudes(row: np.ndarray) -> Any:
        qml.MottonenStatePreparation(row, wires=range(3))
        return qml.state()

    @qml.qnode(device)
    def phases(row: np.ndarray) -> Any:
        for wire, value in enumerate(row):
            qml.Hadamard(wire)
            qml.RZ(value, wire)
        for wire in range(7):
            qml.CNOT([wire, wire + 1])
        return qml.state()

    for name, state in ((LOG2N, amplitudes), (N, phases)):
        states = np.array([state(row) for row in x])
        expected = np.abs(states.conj() @ states.T) ** 2
        for head in (QuantumDistance(), QuantumDistanceTwin()):
            assert np.allclose(head.overlaps(name, x, x, exact()), expected, atol=1e-5), (name, head.name)


def test_the_simplified_machine_has_the_published_sign(problem: HeadProblem) -> None:
    """sign sum_i y_i k(x_i, x), with y = 1 - p for the second class, whose share is p, else -p."""
    head = SimplifiedKernelSvm()
    model = head.fit(problem, settings(), exact())
    arrays, labels = model.arrays, problem.train.labels
    kernel = (unit_rows(arrays, problem.test.vectors) @ unit_rows(arrays, problem.train.vectors).T) ** 2
    share = labels.mean()
    signs = kernel @ np.where(labels == 1, 1 - share, -share)
    scores = head.decide(model, problem.test.vectors, exact())
    assert np.array_equal(scores[:, 1] > scores[:, 0], signs > 0)


def test_the_distance_classifier_is_one_nearest_neighbour(problem: HeadProblem) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    head = QuantumDistance()
    model = head.fit(problem, settings(), exact())
    train, test = (unit_rows(model.arrays, part.vectors) for part in (problem.train, problem.test))
    expected = KNeighborsClassifier(1, metric="cosine").fit(train, problem.train.labels).predict(test)
    assert np.array_equal(head.decide(model, problem.test.vectors, exact()).argmax(axis=1), expected)


@pytest.mark.parametrize(("name", "features", "wires"), [(N, 9, 9), (LOG2N, 9, 4), (N, 4, 4)])
def test_noise_is_simulated_beside_a_trial_where_it_is_exact(
    problem: HeadProblem, name: str, features: int, wires: int
) -> None:
    head = QuantumDistance()
    model = head.fit(problem, settings(map=name, features=features), exact())
    assert head.circuit_wires(model) == wires
    found = other_readouts(head, model, problem.test.vectors[:1], problem.test.labels[:1])
    assert (found["accuracy_noisy"] is not None) == (wires <= AUTO_DENSITY_WIRES)


def test_area_under_curve_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    labels, margins = rng.integers(0, 2, 200), rng.integers(0, 9, 200) / 2.0
    scores = np.stack([-margins, margins], axis=1)
    assert area_under_curve(scores, labels) == pytest.approx(roc_auc_score(labels, margins))
    assert area_under_curve(scores[labels == 1], labels[labels == 1]) is None


def test_methods_go_by_the_source() -> None:
    """A table has no encoder to tune, and a text no columns; whoever names a method gets it."""
    of_table, of_texts = (
        {spec.method for spec in check_study({"seeds": 1, "tasks": [table]}, "study").trials()}
        for table in ({"task": "tuning/head", "source": source} for source in (SOURCE, "builtin:weather"))
    )
    assert "contrastive" not in of_table
    assert {m.name for m in COLUMN_HEADS} <= of_table
    assert not {m.name for m in COLUMN_HEADS} & of_texts
    assert "contrastive" in of_texts
    with pytest.raises(QwattError, match="tunes a text encoder"):
        contrastive = get_method("tuning/head", "contrastive")
        assert isinstance(contrastive, HeadMethod)
        contrastive.fit(HeadTask().load(SOURCE, "xs", 0), contrastive.defaults(), exact())


@pytest.mark.parametrize("name", ["logistic", "reupload", "quantum-distance"])
def test_a_users_table_is_learned_and_new_rows_are_labelled(name: str, tmp_path: Path) -> None:
    """Columns may stand in another order, and the label in a column of another name."""
    rng = np.random.default_rng(2)
    labels = np.repeat(["low", "high"], 40)
    units = np.array([1, 100, 1e-3])
    rows = units * (rng.normal(size=(80, 3)) + np.where(labels == "high", 3, 6)[:, None])
    mine, new = tmp_path / "mine.csv", tmp_path / "new.csv"
    lines = [f"{a},{b},{c},{label}" for (a, b, c), label in zip(rows, labels, strict=True)]
    mine.write_text("a,b,c,level\n" + "\n".join(lines) + "\n")
    new.write_text("c,b,a\n0.003,300,3\n0.006,600,6\n")
    method = type(get_method("tuning/head", name))
    fixed = (("steps", 30),) if "steps" in method.space else ()
    spec = small_spec(method, f"{mine}#,level", fixed=fixed)
    trial, problem, solution = run_small(method, spec)
    assert trial.extras["of_table"]
    HeadTask().export(problem, solution, tmp_path / "artifact")
    found = HeadTask().predict(tmp_path / "artifact", str(new))
    if name == "quantum-distance":  # rows of length 1 forget the size, which is all that tells these apart
        assert {row["label"] for row in found.rows} <= {"low", "high"}
    else:
        assert trial.quality > 0.9
        assert [row["label"] for row in found.rows] == ["high", "low"]
    new.write_text("c,b\n0.003,300\n")
    with pytest.raises(QwattError, match="no numeric column 'a'"):
        HeadTask().predict(tmp_path / "artifact", str(new))
