"""The home folder, which holds the user's name, is written as ~ in studies, records and reports."""

from __future__ import annotations

import json

import pytest

from qwatt.core.energy_log import append_energy
from qwatt.core.home import from_home, without_home
from qwatt.core.quantity import Quantity
from qwatt.core.run_folder import RunFolder
from qwatt.core.stage_energy import StageEnergy
from qwatt.core.study_file import check_study
from qwatt.core.trial import Trial, TrialSpec


@pytest.fixture(autouse=True)
def _anna(monkeypatch):
    monkeypatch.setenv("HOME", "/home/anna")


def test_paths_below_home_begin_with_a_tilde():
    assert from_home("/home/anna/data/x.jsonl#body") == "~/data/x.jsonl#body"
    for other in ("/home/annabel/x", "data/home/anna/x", "/home/anna", "builtin:phrases", "~/x", "/data/x"):
        assert from_home(other) == other


def test_texts_lose_it_wherever_a_path_begins():
    text = "read '/home/anna/x.csv', /home/anna: no; file:///home/anna/y; /home/annabel /mnt/home/anna"
    assert without_home(text) == "read '~/x.csv', ~: no; file://~/y; /home/annabel /mnt/home/anna"


@pytest.mark.parametrize("home", ["/", ""])
def test_who_has_no_home_loses_nothing(home, monkeypatch):
    monkeypatch.setenv("HOME", home)
    assert without_home("/a /b") == "/a /b" and from_home("/a") == "/a"


def test_a_study_and_its_records(tmp_path):
    study = check_study({"tasks": [{"task": "curation/dedup", "source": "/home/anna/c.jsonl"}]}, "it")
    spec = study.trials()[0]
    assert spec.source == "~/c.jsonl"
    folder = RunFolder(tmp_path)
    trial = Trial(spec, "classical", "f1", "failed", error="OSError: /home/anna/c.jsonl is gone")
    trial.notes = {"files": ["/home/anna/d"]}
    folder.append(trial)
    folder.write_text("study.toml", 'source = "/home/anna/c.jsonl"')
    assert "anna" not in "".join(file.read_text() for file in tmp_path.iterdir())


def test_a_row_of_the_energy_log(tmp_path, monkeypatch):
    monkeypatch.setenv("HUB_TOKEN", "s3cr3t-of-anna-9")
    row = StageEnergy(
        id="0123456789abcdef", stage="training", label="s3cr3t-of-anna-9 in /home/anna/x", status="open",
        started="2026-01-01T00:00:00Z", seconds=0.0, energy=Quantity.unknown("nothing was measured"),
        counts={}, facts={"files": ["/home/anna/y"]}, part_of=None, process=1,
    )  # fmt: skip
    append_energy(tmp_path, row)
    text = "".join(file.read_text() for file in tmp_path.iterdir())
    assert "anna" not in text and "*** in ~/x" in text and "0123456789abcdef" in text


def test_records_of_before_are_those_of_the_same_study(tmp_path):
    spec = TrialSpec("curation/dedup", "minhash", "/home/anna/c.jsonl", "xs", 0, "engine", 1000, 4)
    record = json.loads(json.dumps(Trial(spec, "classical", "f1", "failed").to_record())) | {"format": 2}
    study = check_study(
        {
            "size": "xs", "seeds": 1,
            "tasks": [{"task": "curation/dedup", "source": "/home/anna/c.jsonl", "methods": ["minhash"]}],
        },
        "it",
    )  # fmt: skip
    assert Trial.from_record(record).spec.id in {spec.id for spec in study.trials()}
