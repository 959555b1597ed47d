"""`qwatt predict` and the summary of `qwatt run --json`: their contracts, shown by a stand-in head."""

import csv
import json

import pytest

from qwatt.core import registry
from qwatt.core.artifact import ArtifactCard
from qwatt.core.errors import QwattError
from qwatt.core.prediction import Prediction
from qwatt.data.cells import plain_cell

WEATHER = "--data builtin:weather --size xs --seeds 1 --tuning-trials 1 --shots 20"
ONE = f"tuning/head --method logistic {WEATHER} --out run"
TEXTS = ["=cmd()", "@name", "plain", "-1", "\tafter a tab", "+SUM(A1)"]


@pytest.fixture
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def labelling(monkeypatch):
    """Let the head's artifacts say "long" of texts with more than five characters, else "=short"."""

    def export(self, problem, solution, folder):
        weights = folder / "weights.json"
        weights.write_text("{}")
        ArtifactCard("tuning/head", "logistic").write(folder)
        return [weights]

    def predict(self, artifact, source):
        assert (artifact / "weights.json").exists()
        rows = [
            {"id": str(i), "text": text, "label": "long" if len(text) > 5 else "=short"}
            for i, text in enumerate(TEXTS)
        ]
        return Prediction(("=short", "long", "never"), rows)

    head = registry.all_tasks()["tuning/head"]
    monkeypatch.setattr(head, "export", export)
    monkeypatch.setattr(head, "predict", predict)
    monkeypatch.setattr(head, "summary", lambda self, trial: {"kept": trial.spec.seed})


def test_a_run_and_its_artifact_predict_alike(qwatt, inside, labelling):
    assert qwatt(f"run {ONE} --json").code == 0
    ran = qwatt("predict run --data mine.csv --json")
    assert (ran.code, ran.err) == (0, "")
    assert set(ran.record) == {"labels", "rows", "counts"}
    assert ran.record["labels"] == ["=short", "long", "never"]
    assert ran.record["counts"] == {"=short": 3, "long": 3, "never": 0}
    assert [row["text"] for row in ran.record["rows"]] == TEXTS
    again = qwatt("predict run/artifacts/tuning/head/logistic --data mine.csv --json --out other.csv")
    assert again.record == ran.record
    assert (inside / "other.csv").read_text() == (inside / "predictions.csv").read_text()
    table = qwatt("predict run --data mine.csv")
    assert "6 rows labelled by logistic of tuning/head" in table.out and "predictions.csv" in table.out


def test_labels_are_never_written_over_the_data_or_among_it(qwatt, inside, labelling):
    qwatt(f"run {ONE} --json")
    (inside / "predictions.csv").write_text("text\nmine\n")
    for words in (
        "--data predictions.csv",
        "--data predictions.csv#text",
        "--data .",
        "--data mine --out mine/x.csv",
    ):
        ran = qwatt(f"predict run {words}")
        assert ran.code == 2
        assert "the labels would be written over the data, or among its files" in ran.err
    assert (inside / "predictions.csv").read_text() == "text\nmine\n"


def test_a_run_of_two_results_asks_which(qwatt, inside):
    entry = '[[tasks]]\ntask = "tuning/head"\nsource = "{}"\nmethods = ["logistic"]\n'
    (inside / "own.csv").write_text(
        "text,label\n" + "".join(f"{w} {i},{w}\n" for i in range(60) for w in "ab")
    )
    both = entry.format("builtin:weather") + entry.format("own.csv")
    (inside / "both.toml").write_text("seeds = 1\nsize = 'xs'\n" + both)
    assert qwatt("run both.toml --out two --json").code == 0
    ran = qwatt("predict two --data own.csv")
    assert ran.code == 2 and "several results that label data: tuning/head on" in ran.err
    assert qwatt("predict two/artifacts/tuning/head/logistic@2 --data own.csv --json").record["labels"] == [
        "a",
        "b",
    ]


def test_no_cell_becomes_a_formula(qwatt, inside, labelling):
    qwatt(f"run {ONE} --json")
    qwatt("predict run --data mine.csv")
    with (inside / "predictions.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["text"] for row in rows] == [
        "'=cmd()",
        "'@name",
        "plain",
        "-1",
        "'\tafter a tab",
        "'+SUM(A1)",
    ]
    assert {row["label"] for row in rows} == {"'=short", "long"}


@pytest.mark.parametrize("value", [-1.5, "-1.5", "+2e-3", ".5", "a=b", "", None, True])
def test_what_is_no_formula_stays(value):
    assert plain_cell(value) == value


def test_a_label_that_the_artifact_does_not_know_is_refused():
    with pytest.raises(QwattError, match="none of the labels a, b"):
        Prediction(("a", "b"), [{"id": "0", "text": "", "label": "c"}])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', "[" * 100_000, "null"])
def test_a_damaged_card_is_named(tmp_path, text):
    (tmp_path / "artifact.json").write_text(text)
    with pytest.raises(QwattError, match=r"artifact\.json"):
        ArtifactCard.read(tmp_path)


def test_the_summary_names_the_best_method_and_what_it_made(qwatt, inside, labelling):
    found = qwatt(f"run {ONE} --json").record["summary"]["tuning/head"]
    assert found["method"] == "logistic" and found["kind"] == "classical" and found["kept"] == 0
    assert found["outcome"] == "reference"
    assert (inside / "run" / found["artifact"]).is_file()
    comparison = json.loads((inside / "run" / "comparison.json").read_text())[0]
    row = next(row for row in comparison["rows"] if row["method"] == "logistic")
    assert found["outcome"] == row["outcome"] and found["quality"] == row["quality"][1]
    again = qwatt("report run --json")
    assert again.code == 0


def test_a_method_that_fails_leaves_the_summary_empty(qwatt, inside, monkeypatch):
    head = registry.all_tasks()["tuning/head"]
    monkeypatch.setattr(head, "score", lambda *_: 1 / 0)
    ran = qwatt(f"run {ONE} --json")
    assert ran.code == 1
    assert ran.record["summary"]["tuning/head"]["method"] is None


def test_rows_of_numbers_get_no_empty_column_of_texts(qwatt, inside, labelling, monkeypatch):
    assert qwatt(f"run {ONE}").code == 0
    rows = [{"id": "a", "label": "long", "score long": 0.9}, {"id": "b", "label": "long", "score long": 0.7}]
    head = registry.all_tasks()["tuning/head"]
    monkeypatch.setattr(head, "predict", lambda self, artifact, source: Prediction(("long",), rows))
    assert qwatt("predict run --data table.csv").code == 0
    assert (inside / "predictions.csv").read_text().split("\n")[0].strip() == "id,label,score long"
