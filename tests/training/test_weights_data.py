"""Data of every kind: how it is split and scaled, what is exported, and what the export says of new rows."""

import csv
import json

import numpy as np
import pytest
from sklearn import datasets
from sklearn.model_selection import train_test_split

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend, get_method, get_task

TASK = "training/weights"


@pytest.fixture(scope="module")
def task():
    return get_task(TASK)


def table(path, rows=60, classes=("red", "blue")):
    rng = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "width", "height", "colour"])
        for i in range(rows):
            number = i % len(classes)
            x, y = rng.normal(3.0 * number, 0.3, 2) * (1.0, 100.0)
            writer.writerow([f"r{i}", x, y, classes[number]])
    return f"{path}#,colour"


@pytest.mark.parametrize("source", ["wine", "digits"])
def test_the_published_split_is_the_programs_for_every_seed(task, source):
    first, second = task.load(source, "published", 3), task.load(source, "published", 4)
    labels = getattr(datasets, f"load_{source}")().target
    _, held = train_test_split(np.arange(len(labels)), test_size=0.2, random_state=42, stratify=labels)
    assert first.test.ids == second.test.ids == tuple(f"{source}:{i}" for i in held)
    assert first.test.labels.tolist() == labels[held].tolist()
    assert (len(first.validation), len(first.train)) == (0, len(labels) - len(held))
    assert first.widths == {"wine": (13, 32, 3), "digits": (64, 64, 32, 16, 10)}[source]


def test_every_part_has_its_share_of_every_class(task):
    problem, other = task.load("wine", "m", 3), task.load("wine", "m", 4)
    parts = (problem.train, problem.validation, problem.test)
    assert sorted(name for part in parts for name in part.ids) == sorted(f"wine:{i}" for i in range(178))
    assert problem.test.ids != other.test.ids
    for label in range(3):
        seen, chosen, held = (int((part.labels == label).sum()) for part in parts)
        total = seen + chosen + held
        assert (chosen, held) == (round(0.15 * total), round(0.2 * total))


def test_features_are_scaled_by_the_training_rows_alone(task):
    problem = task.load("wine", "m", 0)
    x = problem.inputs(problem.train)
    assert x.mean(axis=0) == pytest.approx(0.0, abs=1e-5)
    assert x.std(axis=0) == pytest.approx(1.0, abs=1e-5)
    assert abs(problem.inputs(problem.test).mean(axis=0)).max() > 0.01


def trained(task, problem, tmp_path, name="coordinate-search"):
    method = get_method(TASK, name)
    solution = method.run(problem, method.defaults(), Unmetered(get_backend("engine"), 200))
    return solution, task.export(problem, solution, tmp_path)


def test_a_users_table_is_learnt_saved_and_predicted(task, tmp_path):
    source = table(tmp_path / "mine.csv")
    problem = task.load(source, "xs", 0)
    assert problem.classes == ("blue", "red") and problem.columns == ("width", "height")
    solution, files = trained(task, problem, tmp_path / "artifact")
    assert task.score(problem, solution).value == 1.0
    assert {f.name for f in files} == {
        "model.safetensors",
        "network.json",
        "artifact.json",
        "predictions.csv",
    }
    found = task.predict(tmp_path / "artifact", source)
    truth = ["red", "blue"] * 30
    assert [row["label"] for row in found.rows] == truth
    assert all(row["score blue"] + row["score red"] == pytest.approx(1.0) for row in found.rows)


def test_texts_are_projected_whitened_and_predicted(task, tmp_path):
    problem = task.load("builtin:weather", "xs", 0)
    assert problem.features == 8
    x = problem.inputs(problem.train)
    assert np.cov(x.T, bias=True) == pytest.approx(np.eye(8), abs=1e-3)
    _, _ = trained(task, problem, tmp_path)
    new = tmp_path / "new.jsonl"
    new.write_text(json.dumps({"text": "It was a golden noon by the lake."}) + "\n")
    assert task.predict(tmp_path, str(new)).rows[0]["label"] in problem.classes


def test_mistakes_are_told_with_their_mend(task, tmp_path):
    one = table(tmp_path / "one.csv", classes=("red",))
    with pytest.raises(QwattError, match="needs two labels or more; found 1"):
        task.load(one, "xs", 0)
    unnamed = tmp_path / "unnamed.csv"
    unnamed.write_text("height,width,kind\n1,2,cat\n3,4,dog\n")
    with pytest.raises(QwattError) as raised:
        task.load(str(unnamed), "xs", 0)
    assert 'no field "label"' in str(raised.value) and "height, width, kind" in str(raised.value)
    rare = table(tmp_path / "rare.csv", rows=8)
    with pytest.raises(QwattError, match=r"labels have fewer than 5 rows: .*'blue' has 4"):
        task.load(rare, "xs", 0)
    with pytest.raises(QwattError, match="no such file or data set"):
        task.load("vine", "xs", 0)
    with pytest.raises(QwattError, match="xxs"):
        task.load("wine", "xxs", 0)


def test_a_torn_artifact_and_other_columns_are_refused(task, tmp_path):
    source = table(tmp_path / "mine.csv")
    problem = task.load(source, "xs", 0)
    trained(task, problem, tmp_path / "artifact")
    other = tmp_path / "other.csv"
    other.write_text("width,depth\n1,2\n3,4\n")
    with pytest.raises(QwattError, match="no numeric column 'height'"):
        task.predict(tmp_path / "artifact", str(other))
    description = tmp_path / "artifact" / "network.json"
    description.write_text(description.read_text().replace('"blue",', ""))
    with pytest.raises(QwattError, match="no saved network can be read here"):
        task.predict(tmp_path / "artifact", source)
