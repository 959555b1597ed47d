"""Splits and labels: what is used for what, and what a user is told when it does not suffice."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled import sentences, write_rows

from qwatt.core.errors import QwattError
from qwatt.data.report import gather_reports
from qwatt.stages.tuning.head.problem import HeadProblem
from qwatt.stages.tuning.head.sources import read_labelled
from qwatt.stages.tuning.head.split import split_by_hash
from qwatt.stages.tuning.head.task import HeadTask

SOURCE = "builtin:weather"


def test_splits_are_disjoint_and_balanced() -> None:
    found = read_labelled(SOURCE)
    training, validation, test = split_by_hash(found.texts, found.labels, (20, 20), 3)
    parts = {*training, *validation, *test}
    assert len(parts) == len(training) + len(validation) + len(test) == len(found.texts)
    assert np.bincount([found.labels[i] for i in training]).tolist() == [17, 17]
    assert np.bincount([found.labels[i] for i in validation]).tolist() == [3, 3]


def test_the_split_depends_on_texts_not_on_their_order() -> None:
    found = read_labelled(SOURCE)
    texts, labels = found.texts, found.labels
    first = split_by_hash(texts, labels, (20, 20), 0)
    turned = split_by_hash(texts[::-1], labels[::-1], (20, 20), 0)
    for a, b in zip(first, turned, strict=True):
        assert [texts[i] for i in a] == [texts[::-1][i] for i in b]


def test_repeated_texts_never_stand_on_both_sides() -> None:
    texts = ["same"] * 50 + [f"text {i}" for i in range(50)]
    labels = [0] * 50 + [1] * 50
    parts = split_by_hash(texts, labels, (1, 1), 0)
    assert sum(texts[i] == "same" for part in parts for i in part) == 1


def test_every_seed_shares_the_pool() -> None:
    found = read_labelled(SOURCE)
    pools = [
        {i for part in split_by_hash(found.texts, found.labels, (20, 20), seed, 120) for i in part}
        for seed in (0, 1)
    ]
    assert pools[0] == pools[1]
    assert len(pools[0]) == 120


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "labelled.csv"
    path.write_text(text)
    return str(path)


def load(source: str, size: str = "xs") -> tuple[HeadProblem, str]:
    """Return the problem and everything that the user is told of the data."""
    with gather_reports() as reports:
        problem = HeadTask().load(source, size, 0)
    return problem, "; ".join(map(str, reports))


def test_a_users_file_with_two_labels(tmp_path: Path) -> None:
    rows = "".join(f"sentence {i},{'ham' if i % 2 else 'spam'}\n" for i in range(10))
    found = read_labelled(write(tmp_path, "text,label\n" + rows))
    assert (len(found.texts), sum(found.labels), found.classes) == (10, 5, ("ham", "spam"))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("text,label\na,x\nb,x\n", r"two labels or more; found 1: x \(2\)"),
        ("text\na\nb\n", "none"),
    ],
)
def test_other_files_are_explained(tmp_path: Path, content: str, word: str) -> None:
    with pytest.raises(QwattError, match=word) as raised:
        read_labelled(write(tmp_path, content))
    assert '"label"' in str(raised.value.mend)


def test_too_few_sentences_are_counted(tmp_path: Path) -> None:
    source = write(tmp_path, "text,label\na,x\nb,y\n")
    with pytest.raises(QwattError, match=r"the label 'x' has 1 different sentence; 256 are needed") as raised:
        HeadTask().load(source, "m", 0)
    assert "at least 5" in str(raised.value.mend)
    with pytest.raises(QwattError, match=r"fewer than 5 different sentences: 'x' \(1\), 'y' \(1\)") as raised:
        HeadTask().load(source, "full", 0)
    assert "leave" not in str(raised.value.mend), "nothing would be left"


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(QwattError, match=r"no such file.*nothing\.csv"):
        read_labelled("nothing.csv")


def test_equal_numbers_are_one_label(tmp_path: Path) -> None:
    labels = [0, 1, 0.0, 1.0]
    rows = [(text, labels[i % 4]) for i, (text, _) in enumerate(sentences(2, 30))]
    assert read_labelled(write_rows(tmp_path / "h1.jsonl", rows)).classes == ("0", "1")


@pytest.mark.parametrize(("label", "reason"), [(float("nan"), "NaN"), (None, "null"), ("  ", "empty")])
def test_rows_without_a_label_are_counted(label: Any, reason: str, tmp_path: Path) -> None:
    rows: list[tuple[str, Any]] = [*sentences(2, 40), ("a row that nobody labelled", label)]
    problem, told = load(write_rows(tmp_path / "h2.jsonl", rows))
    assert f"1 skipped: no label: {reason}" in told
    parts = (problem.train, problem.validation, problem.test)
    assert sum(len(part) for part in parts) == 80


def test_blanks_around_a_label_are_left_out(tmp_path: Path) -> None:
    rows = "".join(f"{text},{('neg ', 'pos')[c]}\n" for text, c in sentences(2, 40))
    problem, told = load(write(tmp_path, "text,label\n" + rows))
    assert problem.classes == ("neg", "pos")
    assert "blanks around the label neg" in told


def test_nothing_left_to_test_is_refused_at_loading(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "h5.jsonl", sentences(2, 20))
    with pytest.raises(QwattError, match="no sentence is left to test: all 40 are needed") as raised:
        HeadTask().load(source, "xs", 0)
    assert "--size full" in str(raised.value.mend)
    problem, _ = load(source, "full")
    assert len(problem.test) > 0, "the mend works"


@pytest.mark.parametrize("label", [[0], {"name": "x"}])
def test_lists_and_objects_are_no_labels(label: Any, tmp_path: Path) -> None:
    rows: list[tuple[str, Any]] = [*sentences(2, 40), ("another text", label)]
    with pytest.raises(QwattError, match=r"the label is (a list|an object)") as raised:
        read_labelled(write_rows(tmp_path / "h8.jsonl", rows))
    assert "81" in str(raised.value.where)


def test_the_train_part_of_a_repository_folder_is_used(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path / "snapshot" / "plain_text"
    folder.mkdir(parents=True)
    for part, rows in {
        "train": sentences(2, 40),
        "test": [(f"held back {i}", i % 2) for i in range(10)],
        "unsupervised": [(f"unlabelled {i}", -1) for i in range(10)],
    }.items():
        table = pa.table({"text": [text for text, _ in rows], "label": [label for _, label in rows]})
        pq.write_table(table, folder / f"{part}-00000-of-00001.parquet")
    problem, told = load(str(tmp_path / "snapshot"))
    assert problem.classes == ("0", "1")
    assert "train" in told
    assert not any("unlabelled" in text for text in problem.embedding.texts)


def test_a_rare_label_is_told_how_to_use_all(tmp_path: Path) -> None:
    rows = [(f"sentence {i} of 2,000", "rare" if i % 20 == 0 else "common") for i in range(2000)]
    source = write_rows(tmp_path / "rare.jsonl", rows)
    with pytest.raises(QwattError) as raised:
        HeadTask().load(source, "xs", 0)
    assert "the label 'rare' has " in raised.value.what
    assert "among the 120 of 2,000 that size xs uses; 20 are needed" in raised.value.what
    assert raised.value.mend == "use all 2,000 sentences by --size full, where it has 100"
    problem, told = load(source, "full")
    assert np.bincount(problem.train.labels)[1] + np.bincount(problem.validation.labels)[1] == 80
    assert "rare 80 of 100" in told


def test_columns_are_named_after_the_path(tmp_path: Path) -> None:
    path = tmp_path / "c#sharp.csv"
    path.write_text("body,topic,n\n" + "".join(f"{t},{('a', 'b')[c]},{c}\n" for t, c in sentences(2, 10)))
    assert read_labelled(f"{path}#body,topic").classes == ("a", "b")


def test_repeats_are_told(tmp_path: Path) -> None:
    rows = sentences(2, 40)
    _, told = load(write_rows(tmp_path / "twice.jsonl", [*rows, *rows[:7]]))
    assert "7 sentences that repeat another" in told


def test_repeats_with_another_label_are_told(tmp_path: Path) -> None:
    rows = sentences(2, 40)
    disagreeing = [(text, 1 - label) for text, label in rows[:3]]
    _, told = load(write_rows(tmp_path / "twice.jsonl", [*rows, *disagreeing]))
    assert "3 sentences that repeat another were left out, 3 of them with another label" in told
