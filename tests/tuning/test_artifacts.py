"""What a user takes away from tuning/head, and labels new sentences with."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from labelled import WORDS, sentences, write_rows

from qwatt.core.errors import QwattError
from qwatt.core.problem import Solution
from qwatt.core.registry import get_method
from qwatt.stages.tuning.head.problem import HeadAnswer, HeadProblem
from qwatt.stages.tuning.head.task import HeadTask
from qwatt.testing.trials import run_small, small_spec

NAMES = ("=sour()", "+warm", "dull,\n day")
"""Names that act in a spreadsheet, or break a careless table."""


def fitted(name: str, folder: Path) -> tuple[HeadProblem, HeadAnswer, list[Path]]:
    rows = [(text, NAMES[c]) for text, c in sentences(3, 26)]
    source = write_rows(folder / "rows.jsonl", rows)
    method = type(get_method("tuning/head", name))
    fixed = (("steps", 4),) if "steps" in method.space else ()
    _, problem, solution = run_small(method, small_spec(method, source, fixed=fixed))
    assert isinstance(problem, HeadProblem)
    files = HeadTask().export(problem, Solution(solution.answer), folder / "artifact")
    return problem, solution.answer, files


def table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def logistic(tmp_path_factory: pytest.TempPathFactory) -> tuple[HeadProblem, HeadAnswer, Path]:
    folder = tmp_path_factory.mktemp("logistic")
    problem, answer, files = fitted("logistic", folder)
    assert [file.name for file in files] == [
        "model.safetensors", "head.json", "artifact.json", "predictions.csv", "confusion.csv"
    ]  # fmt: skip
    return problem, answer, folder / "artifact"


def test_the_card_says_who_made_it(logistic: tuple[HeadProblem, HeadAnswer, Path]) -> None:
    card = json.loads((logistic[2] / "artifact.json").read_text())
    assert card == {"format": 1, "task": "tuning/head", "method": "logistic"}


def test_predictions_are_those_of_the_test_part(logistic: tuple[HeadProblem, HeadAnswer, Path]) -> None:
    problem, answer, folder = logistic
    assert answer.test is not None
    rows = table(folder / "predictions.csv")
    assert [row["text"] for row in rows] == list(problem.test.texts)
    assert [row["id"] for row in rows] == list(problem.test.ids)
    scores = np.array([[float(value) for value in list(row.values())[4:]] for row in rows])
    assert np.allclose(scores, answer.test)
    shown = [("'" if name[0] in "=+" else "") + name for name in problem.classes]
    assert [row["label"] for row in rows] == [shown[label] for label in problem.test.labels]
    assert [row["predicted"] for row in rows] == [shown[choice] for choice in answer.test.argmax(1)]


def test_the_confusion_matrix_has_the_labels_names(logistic: tuple[HeadProblem, HeadAnswer, Path]) -> None:
    problem, _, folder = logistic
    rows = table(folder / "confusion.csv")
    assert list(rows[0])[1:] == [f"predicted {name}" for name in problem.classes]
    counts = np.array([[int(value) for value in list(row.values())[1:]] for row in rows])
    assert counts.sum(axis=1).tolist() == np.bincount(problem.test.labels).tolist()


def test_no_cell_is_a_formula(logistic: tuple[HeadProblem, HeadAnswer, Path]) -> None:
    for name in ("predictions.csv", "confusion.csv"):
        rows = table(logistic[2] / name)
        cells = [*rows[0], *(value for row in rows for value in row.values())]
        live = [cell for cell in cells if cell[0] in "=+@\t" or (cell[0] == "-" and not _number(cell))]
        assert not live


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", ["logistic", "contrastive", "reupload"])
def test_a_saved_head_labels_new_sentences_as_the_fitted_one(name: str, tmp_path: Path) -> None:
    problem, answer, _ = fitted(name, tmp_path)
    assert answer.test is not None
    new = tmp_path / "new.csv"
    with new.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "note"), *((text, "x") for text in problem.test.texts)])
    found = HeadTask().predict(tmp_path / "artifact", str(new) + "#text")
    assert found.labels == problem.classes
    assert sum(found.counts.values()) == len(found.rows) == len(problem.test)
    if name != "reupload":  # which draws other shots
        assert [row["label"] for row in found.rows] == [problem.classes[c] for c in answer.test.argmax(1)]


def test_labels_follow_the_words(logistic: tuple[HeadProblem, HeadAnswer, Path], tmp_path: Path) -> None:
    new = tmp_path / "new.jsonl"
    new.write_text("".join(json.dumps({"text": f"what a {word} day"}) + "\n" for word in WORDS[:3]))
    assert [row["label"] for row in HeadTask().predict(logistic[2], str(new)).rows] == list(NAMES)


def test_a_head_whose_parts_do_not_fit_is_refused(tmp_path: Path) -> None:
    _, _, _ = fitted("logistic", tmp_path)
    file = tmp_path / "artifact" / "head.json"
    record = json.loads(file.read_text())
    file.write_text(json.dumps(record | {"encoder": "hashed:8"}))
    with pytest.raises(QwattError, match="cannot be used"):
        HeadTask().predict(tmp_path / "artifact", str(tmp_path / "rows.jsonl"))
    file.write_text(json.dumps(record | {"method": "logistik"}))
    with pytest.raises(QwattError, match="logistik"):
        HeadTask().predict(tmp_path / "artifact", str(tmp_path / "rows.jsonl"))
