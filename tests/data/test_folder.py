import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_documents import write_datasets_folder, write_jsonl

from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.folder import part_of


def shard(path, word, label):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"text": [f"{word} {i}" for i in range(4)], "label": [label] * 4}), path)


@pytest.mark.parametrize(
    "names",
    [
        [f"plain_text/{part}-00000-of-00001.parquet" for part in ("train", "test", "unsupervised")],
        [f"data/{part}-00000-of-00001-0123456789abcdef.parquet" for part in ("train", "test", "extra")],
        ["train.parquet", "test.parquet", "unlabelled.parquet"],
        ["train/0000.parquet", "test/0000.parquet", "validation/0000.parquet"],
        ["imdb-train.parquet", "imdb-test.parquet", "other.parquet"],
    ],
)
def test_a_repository_folder_with_parts_gives_train_alone_and_says_so(tmp_path, names):
    for name in names:
        shard(tmp_path / name, name, 0 if "train" in name else -1)
    (tmp_path / "README.md").write_text("# a card")
    read = read_documents(tmp_path)
    assert len(read) == 4
    assert set(read.labels) == {0}
    assert "train is read (1), and not" in str(read.report)
    assert read.report.skipped == {"unknown file type '.md'": 1}


def test_parts_without_train_are_read_as_one_and_said(tmp_path):
    shard(tmp_path / "test-00000-of-00001.parquet", "a", 0)
    shard(tmp_path / "validation-00000-of-00001.parquet", "b", 1)
    read = read_documents(tmp_path)
    assert len(read) == 8
    assert "all are read as one" in str(read.report)


def test_shards_that_are_missing_are_said(tmp_path):
    shard(tmp_path / "train-00000-of-00003.parquet", "a", 0)
    shard(tmp_path / "train-00002-of-00003.parquet", "b", 0)
    read = read_documents(tmp_path)
    assert len(read) == 8
    assert "train: 2 of 3 files are there" in str(read.report)


def test_texts_about_trains_and_tests_are_no_parts(tmp_path):
    for name in ("train.txt", "test.txt", "notes.txt"):
        (tmp_path / name).write_text(name)
    assert len(read_documents(tmp_path)) == 3
    folder = tmp_path / "tables"
    folder.mkdir()
    for name in ("train-timetable.jsonl", "bus-timetable.jsonl"):
        write_jsonl(folder / name, [{"text": name}])
    assert len(read_documents(folder)) == 2


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("train-00000-of-00005.parquet", "train"),
        ("en/valid_2.csv", "validation"),
        ("holdout-00000-of-00001.jsonl", "holdout"),
        ("test/pos/1.txt", "test"),
        ("contest.csv", None),
        ("strain.jsonl.gz", None),
        ("train.txt", None),
    ],
)
def test_parts_by_name(path, part):
    from pathlib import PurePosixPath

    assert part_of(PurePosixPath(path)) == part


def test_saved_data_sets_in_a_folder_are_parts_too(tmp_path):
    for part in ("train", "test"):
        write_datasets_folder(tmp_path / part, pa.table({"text": [f"{part} {i}" for i in range(3)]}))
    read = read_documents(tmp_path)
    assert read.texts == ["train 0", "train 1", "train 2"]
    assert read.ids[0] == "train/data-00000-of-00001.arrow:1"


def test_the_splits_that_are_not_read_are_said(tmp_path):
    for part in ("train", "test"):
        write_datasets_folder(tmp_path / part, pa.table({"text": [part]}))
    (tmp_path / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    read = read_documents(tmp_path)
    assert read.texts == ["train"]
    assert "train is read, and not test" in str(read.report)


def test_links_are_followed_once_and_those_that_lead_nowhere_are_counted(tmp_path):
    top, beside = tmp_path / "top", tmp_path / "beside"
    (top / "sub").mkdir(parents=True)
    beside.mkdir()
    (top / "a.txt").write_text("a")
    (beside / "b.txt").write_text("b")
    (top / "link.txt").symlink_to("a.txt")
    (top / "gone.txt").symlink_to("nowhere")
    (top / "sub" / "up").symlink_to("../..")
    (top / "zz").symlink_to(beside)
    read = read_documents(top)
    assert read.ids == ["a.txt", "link.txt", "zz/b.txt"]
    assert read.report.skipped == {"a link that leads nowhere": 1}


@pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")
def test_names_that_are_no_utf8_or_hold_controls_are_escaped(tmp_path):
    (tmp_path / os.fsdecode(b"bad\xff.txt")).write_text("words")
    write_jsonl(tmp_path / "new\nline\x1b[31m.jsonl", [{"text": "a"}])
    read = read_documents(tmp_path)
    assert read.ids == ["bad\\xff.txt", "new\\nline\\x1b[31m.jsonl:1"]
    odd = tmp_path / os.fsdecode(b"bad\xff.csv")
    odd.write_text('text\n"open\n')
    with pytest.raises(QwattError) as caught:
        read_documents(odd)
    assert str(caught.value).encode("utf-8")
    assert "bad\\xff.csv:2" in str(caught.value)
    odd.write_text("text\nwords\n")
    assert json.dumps(read_documents(odd).report.to_record(), ensure_ascii=False).encode("utf-8")


def test_many_unknown_types_make_a_short_report(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    for i in range(300):
        (tmp_path / f"x.{'t' * 100}{i}").write_text("")
    read = read_documents(tmp_path)
    assert sum(read.report.skipped.values()) == 300
    assert len(str(read.report)) < 10_000
