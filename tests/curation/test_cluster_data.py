"""Users' data in and out: texts, tables and vectors, in two languages; artifacts and new data."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.registry import get_backend, get_method
from qwatt.stages.curation.cluster.task import ClusterTask

HERE = Path(__file__).parent
TASK = ClusterTask()


def clustered(source, folder, method="kmeans", size="xs", **settings):
    problem = TASK.load(source, size, 0)
    chosen = get_method("curation/cluster", method)
    solution = chosen.run(problem, chosen.defaults() | settings, Unmetered(get_backend("engine"), 500))
    files = TASK.export(problem, solution, folder / method)
    rows = [json.loads(line) for line in files[0].read_text("utf-8").splitlines()]
    return problem, solution, rows


@pytest.mark.parametrize("method", ["kmeans", "quantum-kmeans", "coreset-qaoa"])
def test_german_texts_with_a_label_field_of_their_own(tmp_path, method):
    problem, solution, rows = clustered(f"{HERE / 'cluster_german.jsonl'}#,topic", tmp_path, method)
    assert problem.classes == ("Bahn", "Kuchen") and problem.clusters == 2
    assert [row["text"] for row in rows] == list(problem.embedding.texts)
    assert {row["cluster"] for row in rows} <= {0, 1} and rows[0]["topic"] == "Bahn"
    quality = TASK.score(problem, solution)
    assert quality.extras["truth"] == "labels" and 0.5 <= quality.value <= 1.0


def test_iris_as_a_file_is_the_iris_of_the_package(tmp_path):
    """k-means on standardised iris: adjusted Rand .620, a figure that many textbooks have."""
    iris = load_iris()
    names = [iris.target_names[i] for i in iris.target]
    lines = ["a,b,c,d,label"]
    lines += [f"{','.join(map(str, row))},{name}" for row, name in zip(iris.data, names, strict=True)]
    (tmp_path / "iris.csv").write_text("\n".join(lines), "utf-8")
    problem, solution, rows = clustered(str(tmp_path / "iris.csv"), tmp_path, size="full")
    assert TASK.score(problem, solution).extras["adjusted_rand"] == pytest.approx(0.620, abs=0.01)
    own = TASK.load("iris", "full", 0)
    assert np.allclose(np.sort(own.points, axis=0), np.sort(problem.points, axis=0))
    assert len(rows) == 150 and rows[0]["a"] == "5.1"


def test_new_rows_go_to_the_nearest_centroid_in_the_tables_own_units(tmp_path):
    lines = ["x,y"] + [f"{i % 2 * 1000 + i},{i % 2 * 0.001}" for i in range(20)]
    (tmp_path / "t.csv").write_text("\n".join(lines), "utf-8")
    _, solution, _ = clustered(str(tmp_path / "t.csv"), tmp_path, clusters=2)
    (tmp_path / "new.csv").write_text("z,y,x\n9,0.0,5\n9,0.001,1005\n", "utf-8")
    found = TASK.predict(tmp_path / "kmeans", str(tmp_path / "new.csv"))
    assert [row["label"] for row in found.rows] == [str(solution.answer.labels[i]) for i in (0, 1)]
    assert found.rows[0]["id"] == "new.csv:2"
    (tmp_path / "bad.csv").write_text("x,z\n1,2\n3,4\n", "utf-8")
    with pytest.raises(QwattError, match="no numeric column 'y'"):
        TASK.predict(tmp_path / "kmeans", str(tmp_path / "bad.csv"))
    (tmp_path / "kmeans" / "centroids.json").write_text("{}", "utf-8")
    with pytest.raises(QwattError, match="cannot be used"):
        TASK.predict(tmp_path / "kmeans", str(tmp_path / "new.csv"))


def test_new_texts_are_embedded_by_the_same_encoder(tmp_path):
    source = str(HERE / "cluster.jsonl")
    _, solution, rows = clustered(source, tmp_path, clusters=2)
    found = TASK.predict(tmp_path / "kmeans", source)
    assert [row["label"] for row in found.rows] == [str(row["cluster"]) for row in rows]
    assert found.rows[0]["text"] == rows[0]["text"]
    assert len(solution.answer.labels) == 12


def test_labels_that_are_no_truth_are_said_to_be_none(tmp_path):
    lines = ["a,b,label"] + [f"{i},{i * i},{i if i else ''}" for i in range(20)]
    (tmp_path / "t.csv").write_text("\n".join(lines), "utf-8")
    problem = TASK.load(str(tmp_path / "t.csv"), "xs", 0)
    assert problem.truth is None and problem.clusters == 8


def test_constant_columns_do_no_harm(tmp_path):
    lines = ["a,b,c"] + [f"{i % 2},7,{i}" for i in range(20)]
    (tmp_path / "t.csv").write_text("\n".join(lines), "utf-8")
    problem, _, _ = clustered(str(tmp_path / "t.csv"), tmp_path, "quantum-kmeans", clusters=2)
    assert np.isfinite(problem.points).all() and not problem.points[:, 1].any()


@pytest.mark.parametrize("method", ["quantum-kmeans", "coreset-qaoa", "quantum-kmeans-parallel"])
def test_as_many_clusters_as_different_points(tmp_path, method):
    (tmp_path / "t.csv").write_text("a,b\n" + "1,2\n3,4\n" * 10, "utf-8")
    source = str(tmp_path / "t.csv")
    problem, solution, _ = clustered(source, tmp_path, method, clusters=2)
    assert TASK.score(problem, solution).extras["variance_explained"] == pytest.approx(1.0)
    with pytest.raises(QwattError, match="3 clusters of 2 different points"):
        clustered(source, tmp_path, method, clusters=3)
    (tmp_path / "t.csv").write_text("a,b\n" + "1,2\n" * 20, "utf-8")
    with pytest.raises(QwattError, match="all points are the same"):
        TASK.load(source, "xs", 0)


def test_twice_the_spread_is_harder():
    found = []
    for spread in ("0.5", "2", "4"):
        problem = TASK.load(f"builtin:blobs:{spread}", "s", 0)
        chosen = get_method("curation/cluster", "kmeans")
        solution = chosen.run(problem, chosen.defaults(), Unmetered(get_backend("engine")))
        found.append(TASK.score(problem, solution).value)
    assert found[0] == 1.0 and found[0] > found[1] > found[2] > 0.4


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("few.csv", "few.csv: 2 points are too few to cluster\n  mend: give at least 8"),
        ("words.csv", "words.csv:2: no field 'text'; the fields that hold text are: colour, shape\n  mend: "),
        (
            "builtin:blobs:wide",
            "builtin:blobs:wide: the spread of blobs is a positive number, not 'wide'\n  mend",
        ),
        ("nowhere.csv", "no such file or data set: 'nowhere.csv'\n  mend: give texts or a table"),
    ],
)
def test_mistakes_name_place_and_mend(tmp_path, monkeypatch, source, message):
    monkeypatch.chdir(tmp_path)
    Path("few.csv").write_text("a,b\n1,2\n3,4\n", "utf-8")
    Path("words.csv").write_text("colour,shape\nred,round\nblue,square\n", "utf-8")
    with pytest.raises(QwattError) as caught:
        TASK.load(source, "xs", 0)
    assert str(caught.value).startswith(message)


def test_one_cluster_is_refused():
    with pytest.raises(QwattError, match="1 cluster of 64 different points\n  mend: ask for 2 to 64"):
        TASK.load("builtin:blobs", "xs", 0).number(1)
