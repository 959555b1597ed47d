"""Runs on other data, models and sizes go into other folders."""

from pathlib import Path

import pytest

from qwatt.api.asked import asked_study
from qwatt.api.default_folder import default_folder
from qwatt.core.names import PLAIN_NAME


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({}, "tuning-head"),
        ({"data": "builtin:weather"}, "tuning-head-weather"),
        ({"data": "there/labelled.csv"}, "tuning-head-labelled"),
        ({"data": "corpus.jsonl.gz#body,topic"}, "tuning-head-corpus"),
        ({"data": "corpus/"}, "tuning-head-corpus"),
        ({"data": "..", "size": "xs"}, "tuning-head-above-xs"),
        ({"data": "odd name\u202e/.hidden"}, "tuning-head-.hidden"),
        ({"train": "pkg/mine.py:train"}, "tuning-head-train"),
        (
            {"data": "a.txt", "model": "path/to/my model/", "size": "s,per_class=16"},
            "tuning-head-a-my-model-s-per_class-16",
        ),
    ],
)
def test_the_name_says_what_was_given(given, folder, tmp_path, monkeypatch) -> None:
    (tmp_path / "above/here").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "above/here")
    assert default_folder("tuning-head", **given) == Path("runs") / folder


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"data": "погода.csv"}, {"data": "тексты.csv"}),
        ({"data": "a" * 90, "size": "xs"}, {"data": "a" * 90, "size": "s"}),
        ({"data": "corpus.v1.csv.gz"}, {"data": "corpus.v2.csv.gz"}),
        ({"data": "is.train.csv"}, {"data": "is.test.csv"}),
        ({"model": "llama-3.1"}, {"model": "llama-3.2"}),
        ({"data": "\udcff.csv"}, {"data": "\udcfe.csv"}),
    ],
)
def test_other_names_go_into_other_folders(one, other) -> None:
    folders = [default_folder("tuning-head", **given) for given in (one, other)]
    assert folders[0] != folders[1] and {folder.parent for folder in folders} == {Path("runs")}
    assert all(PLAIN_NAME.fullmatch(folder.name) for folder in folders)


def test_a_task_and_a_study_s_file_take_it() -> None:
    options = {"data": "builtin:weather", "size": "xs", "settings": None}
    assert asked_study("tuning/head", dict(options))[2] == Path("runs/tuning-head-weather-xs")
    assert asked_study("tuning/head", {"settings": None})[2] == Path("runs/tuning-head")
    assert asked_study("studies/quick.toml", {"size": "s", "settings": None})[2] == Path("runs/quick-s")
