"""Runs on other data, models and sizes go into other folders."""

from pathlib import Path

import pytest

from qwatt.api.asked import asked_study
from qwatt.api.default_folder import default_folder


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


def test_a_task_and_a_study_s_file_take_it() -> None:
    options = {"data": "builtin:weather", "size": "xs", "settings": None}
    assert asked_study("tuning/head", dict(options))[2] == Path("runs/tuning-head-weather-xs")
    assert asked_study("tuning/head", {"settings": None})[2] == Path("runs/tuning-head")
    assert asked_study("studies/quick.toml", {"size": "s", "settings": None})[2] == Path("runs/quick-s")
