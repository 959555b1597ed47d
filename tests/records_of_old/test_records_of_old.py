"""Every version reads what earlier ones wrote: reports it whole, takes it as done, and uses what it made."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from qwatt.core.run_folder import RunFolder
from qwatt.core.study_file import load_study
from qwatt.core.trial_formats import FORMAT
from qwatt.protocol.predictor import predict
from qwatt.report import comparisons_of, others_of, write_report
from qwatt.report.result import results_of

HERE = Path(__file__).parent
FOLDERS = sorted(path for path in HERE.iterdir() if (path / "trials.jsonl").is_file())


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def run(request, tmp_path):
    """A copy beside the data that its study names."""
    for file in HERE.glob("*.jsonl"):
        shutil.copy(file, tmp_path)
    return RunFolder(shutil.copytree(request.param, tmp_path / "run"))


def lines_of(run):
    return [json.loads(line) for line in run.trials_file.read_text().splitlines()]


def test_every_format_has_a_folder():
    formats = {line.get("format", 1) for folder in FOLDERS for line in lines_of(RunFolder(folder))}
    assert formats == set(range(1, FORMAT + 1))


def test_the_report_shows_every_trial(run):
    page = write_report(run).read_text("utf-8")
    shown = sum(len(row.trials) for comparison in comparisons_of(run) for row in comparison.rows)
    assert (shown, others_of(run)) == (len(lines_of(run)), [])
    for line in lines_of(run):
        assert line["method"] in page


def test_numbers_are_what_was_written(run):
    for line, trial in zip(lines_of(run), run.trials(), strict=True):
        assert trial.quality == line["quality"]
        assert trial.spec.id == line["id"]
        assert trial.host_energy.value == line["host_energy"]["value_j"]
        assert {name: window.seconds for name, window in trial.phases.items()} == {
            name: window["seconds"] for name, window in line["phases"].items()
        }


def test_a_resume_finds_them_done(run):
    done = {trial.spec.id for trial in run.trials() if trial.done}
    assert {spec.id for spec in load_study(run.path / "study.toml").trials()} == done


def test_a_head_of_then_labels_data_today(run):
    heads = [
        t for t in run.trials() if t.spec.task == "tuning/head" and t.artifacts and t.kind == "classical"
    ]
    if not heads or not (run.path / heads[0].artifacts[0]).with_name("artifact.json").is_file():
        pytest.skip("it made no head that labels data by itself")
    _, prediction = predict((run.path / heads[0].artifacts[0]).parent, str(run.path.parent / "labels.jsonl"))
    assert set(prediction.labels) == {"warm", "sour"} and len(prediction.rows) == 120


def test_a_record_that_lacks_what_is_told_today_stops_no_report(run):
    lines = [{k: v for k, v in line.items() if k not in ("sha256", "line")} for line in lines_of(run)]
    run.trials_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    compared = comparisons_of(run)
    trials = [trial for one in compared for row in one.rows for trial in row.trials]
    for part in ("notes", "extras", "counters"):
        whole = [getattr(trial, part) for trial in trials]
        for name in {name for found in whole for name in found}:
            for trial, found in zip(trials, whole, strict=True):
                setattr(trial, part, {key: value for key, value in found.items() if key != name})
            said = results_of(compared)
            assert len(said) == len(compared)
            assert all(one.headline.facts for one in said)
        for trial, found in zip(trials, whole, strict=True):
            setattr(trial, part, found)


def test_a_method_that_was_renamed_since_is_shown_with_what_is_left(run):
    text = run.trials_file.read_text()
    method = lines_of(run)[0]["method"]
    records = [json.loads(line) | {"format": 2} for line in text.splitlines() if '"format"' in line]
    if not records:
        pytest.skip("format 1 has no fixed settings to tell apart")
    for record in records:
        record.pop("sha256", None)
        record.pop("line", None)
        record["method"] = f"old-{record['method']}" if record["method"] == method else record["method"]
    run.trials_file.write_text("".join(json.dumps(record) + "\n" for record in records))
    study = run.path / "study.toml"
    study.write_text(study.read_text().replace(f'"{method}"', f'"old-{method}"'))
    assert any(row.method == f"old-{method}" for one in comparisons_of(run) for row in one.rows)
    assert "another version" in others_of(run)[0]
