"""What users of other text classifiers reported; the list with addresses is design/0003-public-reports.md."""

import csv
import json
from pathlib import Path

import pytest

KINDS = {
    "food": "pizza with cheese and salad",
    "chem": "acid reacts with base",
    "ball": "a goal in the match",
}
RUN = "--method logistic --size xs --seeds 1 --tuning-trials 1 --out run"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    return tmp_path


def write(name, rows):
    with Path(name).open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows)


def predictions():
    with Path("predictions.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(
    "labels",
    [
        {"food": "food", "chem": "chem", "ball": "ball"},  # not in the order in which they first appear
        {"food": 2, "chem": 2.1, "ball": 2.21},
        {"food": "NA", "chem": "None", "ball": "null"},
    ],
)
def test_a_prediction_is_the_name_of_the_highest_score(qwatt, place, labels):
    write("own.jsonl", [(f"{text} {i}", labels[kind]) for i in range(60) for kind, text in KINDS.items()])
    write("new.jsonl", [(f"{text} 99", "?") for text in KINDS.values()])
    assert qwatt(f"run tuning/head --data own.jsonl {RUN}").code == 0
    assert qwatt("predict run --data new.jsonl").code == 0
    rows = predictions()
    assert [row["label"] for row in rows] == [str(labels[kind]) for kind in KINDS]
    for row in rows:
        scores = {name.removeprefix("score "): float(row[name]) for name in row if name.startswith("score ")}
        assert max(scores, key=scores.get) == row["label"]


def test_empty_texts_are_counted_and_never_nan(qwatt, place):
    rows = [(f"{text} {i}", kind) for i in range(60) for kind, text in KINDS.items()]
    write("own.jsonl", rows + [("", "food")] * 9 + [(" ", "ball")] * 2)
    ran = qwatt(f"run tuning/head --data own.jsonl {RUN}")
    assert ran.code == 0 and "11 skipped" in ran.out and "nan" not in ran.out.lower()
    write("new.jsonl", [("", "?"), ("\u200b", "?"), ("pizza", "?")])
    assert qwatt("predict run --data new.jsonl").code == 0
    assert len(predictions()) == 2
    assert all("nan" not in value.lower() for row in predictions() for value in row.values())


@pytest.mark.parametrize("name", ["c#sharp.jsonl", "größe 日本.jsonl", "a folder/x.jsonl"])
@pytest.mark.parametrize("home", ["", "~/"])
@pytest.mark.parametrize("task", ["tuning/head --method logistic", "curation/dedup --method exact-hash"])
def test_odd_paths_are_read_by_every_task(qwatt, place, monkeypatch, name, home, task):
    monkeypatch.setenv("HOME", str(place))
    (place / name).parent.mkdir(exist_ok=True)
    write(name, [(f"{text} {i}", kind) for i in range(40) for kind, text in KINDS.items()])
    words = f"run {task} --size xs --seeds 1 --tuning-trials 1 --out run --data".split()
    assert qwatt([*words, home + name]).code == 0


def test_half_characters_and_nan_beside_the_text_reach_the_export(qwatt, place):
    lines = [f'{{"text": "page {i} of the book", "title": "cut \\ud83d", "score": NaN}}' for i in range(6)]
    (place / "own.jsonl").write_text("\n".join(lines) + "\n")
    line = "run curation/dedup --data own.jsonl --method exact-hash --seeds 1 --tuning-trials 1 --out run"
    assert qwatt(line).code == 0
    (export,) = (place / "run").rglob("corpus.jsonl")
    rows = [json.loads(line, parse_constant=pytest.fail) for line in export.read_text("utf-8").splitlines()]
    assert [row["title"] for row in rows] == ["cut \ud83d"] * 6
