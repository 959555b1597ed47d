import json
import os
import sys

import pytest
from test_documents import write_jsonl

from qwatt.cli.app import run
from qwatt.core.errors import QwattError
from qwatt.data import read_documents
from qwatt.data.documents import Columns, split_source
from qwatt.data.names import escaped, unescaped

ROWS = [{"text": "a", "body": "b", "label": 0, "topic": "x"}]


@pytest.mark.parametrize(
    "name",
    ["c#sharp.jsonl", "a folder/x.jsonl", "c#/x.jsonl", "größe.jsonl", "日本語/データ.jsonl", "'$x;.jsonl"],
)
def test_odd_names_are_read_with_and_without_columns(tmp_path, name, monkeypatch):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    write_jsonl(path, ROWS)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for source in (str(path), name, f"./{name}", f"~/{name}", f"{path.parent}//{path.name}"):
        assert read_documents(source).texts == ["a"]
        found = read_documents(f"{source}#body,topic")
        assert (found.texts, found.labels) == (["b"], ["x"])
    if path.parent != tmp_path:
        assert read_documents(f"{path.parent}/").texts == ["a"]
        assert read_documents(f"{path.parent}/#body").texts == ["b"]


def test_a_file_whose_name_holds_the_sign_wins_over_the_columns(tmp_path):
    write_jsonl(tmp_path / "c", [{"text": "of c", "sharp.jsonl": "column"}])
    write_jsonl(tmp_path / "c#sharp.jsonl", [{"text": "of the file"}])
    assert split_source(tmp_path / "c#sharp.jsonl") == (tmp_path / "c#sharp.jsonl", Columns())


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("#body", Columns("body")),
        ("#body,topic", Columns("body", "topic")),
        ("#,topic", Columns(None, "topic")),
        ("#my body, my topic", Columns("my body", "my topic")),
        ("#a/b", Columns("a/b")),
        ("#", Columns()),
        ("", Columns()),
    ],
)
def test_columns(tmp_path, columns, expected):
    path = write_jsonl(tmp_path / "x.jsonl", ROWS)
    assert split_source(f"{path}{columns}") == (path, expected)


def test_links_and_relative_links(tmp_path, monkeypatch):
    (tmp_path / "deep").mkdir()
    write_jsonl(tmp_path / "deep" / "x.jsonl", ROWS)
    (tmp_path / "link.jsonl").symlink_to("deep/x.jsonl")
    (tmp_path / "folder").symlink_to("deep")
    monkeypatch.chdir(tmp_path / "deep")
    for source in ("../link.jsonl", "../folder", "../folder/", "../folder/../deep/x.jsonl"):
        assert read_documents(source).texts == ["a"]


@pytest.mark.parametrize(
    "source", ["", "  ", "x" * 5000, "a\0b", "~nobody-of-this-name/x.csv", "no#such#file"]
)
def test_what_is_no_path_is_a_short_error(source):
    with pytest.raises(QwattError) as caught:
        read_documents(source)
    assert caught.value.mend
    assert len(str(caught.value)) < 1000


def test_names_of_built_in_sources_are_left_alone():
    for name in ("shakespeare", "builtin:phrases", "@curation/dedup"):
        path, columns = split_source(name)
        assert (str(path), columns) == (name, Columns())


def test_a_label_column_that_is_not_there_is_an_error_with_those_that_are(tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", ROWS)
    with pytest.raises(QwattError, match="no row has a field 'topik'") as caught:
        read_documents(f"{path}#text,topik")
    assert "text, body, label, topic" in caught.value.mend
    with pytest.raises(QwattError, match="no field 'txt'") as caught:
        read_documents(f"{path}#txt")
    assert "text, body, label, topic" in caught.value.mend


@pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")
def test_a_name_that_is_no_utf8_is_found_by_its_escaped_form(tmp_path):
    raw = os.fsdecode(b"no\xff utf8#.jsonl")
    write_jsonl(tmp_path / raw, ROWS)
    source = escaped(str(tmp_path / raw))
    assert source.encode("utf-8") and source.endswith("no\\xff utf8#.jsonl")
    assert unescaped(source) == str(tmp_path / raw)
    assert read_documents(f"{source}#body,topic").texts == ["b"]
    write_jsonl(tmp_path / "no\\xff utf8#.jsonl", [{"text": "of this very name"}])
    assert read_documents(source).texts == ["of this very name"]


@pytest.mark.skipif(sys.platform != "linux", reason="needs names of any bytes")
def test_a_run_on_such_names_into_such_a_folder_is_reported_and_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    data, out = os.fsdecode(b"d\xff"), os.fsdecode(b"out\xfe")
    (tmp_path / data / os.fsdecode(b"\xffsub")).mkdir(parents=True)
    for i in range(12):
        text = f"page {i} says one thing of its own, again and again: {i * 7919} and {i * 104729}"
        (tmp_path / data / os.fsdecode(b"\xffsub") / f"{os.fsdecode(bytes([0xE0 + i]))}.txt").write_text(text)
    words = f"--method exact-hash --seeds 1 --tuning-trials 1 --out {out}".split()
    for line in (
        ["run", "curation/dedup", "--data", data, *words],
        ["run", f"{out}/study.toml", "--out", out],
        ["report", out],
    ):
        monkeypatch.setattr(sys, "argv", ["qwatt", *line])
        with pytest.raises(SystemExit) as ended:
            run()
        assert ended.value.code in (0, None), capsys.readouterr().err
    corpus = next((tmp_path / out).rglob("corpus.jsonl"))
    kept = [json.loads(line) for line in corpus.read_text("utf-8").splitlines()]
    assert len(kept) == 12 and kept[0]["id"].startswith("\\xffsub/\\xe")
    assert len((tmp_path / out / "trials.jsonl").read_text("utf-8").splitlines()) == 1
    for file in (tmp_path / out).rglob("*"):
        if file.is_file():
            file.read_text("utf-8")  # whatever was written is UTF-8
