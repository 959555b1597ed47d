"""Runs of many trials: read once, and reported and resumed in seconds."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_runs import write_run

import qwatt.core.trials_file as reading
from qwatt.core.run_folder import RunFolder
from qwatt.core.study_file import check_study
from qwatt.core.trial import Trial, TrialSpec
from qwatt.core.trial_lines import record_text
from qwatt.report import comparisons_of, write_report

MEASURE = """
import sys, time
from qwatt.cli.app import run
begun = time.process_time()
try:
    run()
except SystemExit as end:
    # Not ru_maxrss, which a child takes over from the process that started it.
    held = int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))) / 1e6
    spent = time.process_time() - begun
    print(f"{spent:.2f} CPU s, code {end.code or 0}, at most {held:.2f} GB", file=sys.stderr)
"""
MOST_S, MOST_GB = 5.0, 2.0


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    path = tmp_path_factory.mktemp("many") / "run"
    write_run(path, 600)
    return RunFolder(path)


def test_a_report_reads_every_line_once(many, monkeypatch):
    read, real = [], reading.read_line
    monkeypatch.setattr(reading, "read_line", lambda line: read.append(line) or real(line))
    page = write_report(RunFolder(many.path)).read_text()
    write_report(many)
    assert sum(len(row.trials) for one in comparisons_of(many) for row in one.rows) == 600
    assert len(read) in (0, 600)
    assert "600 finished trials, one by one" in page


def test_a_line_is_read_as_its_record_would_be(many):
    lines = many.trials_file.read_bytes().splitlines(keepends=True)
    for line, trial in zip(lines[:50], many.trials(), strict=False):
        record = {k: v for k, v in json.loads(line).items() if k not in ("sha256", "line")}
        plain = Trial.from_record(record)
        assert plain == trial and trial == plain
        assert json.loads(record_text(trial)) == record == json.loads(record_text(plain))
        for name in Trial.__dataclass_fields__:
            assert getattr(trial, name) == getattr(plain, name), name


def test_a_line_travels_to_another_process(many):
    import copy
    import pickle

    trial = many.trials()[3]
    for again in (pickle.loads(pickle.dumps(trial)), copy.deepcopy(trial)):
        assert again == trial
        assert again.host_energy == trial.host_energy and again.tuning == trial.tuning


WORDS = st.sampled_from(["a", "ü", '"', "\ud800", ""])
FIXED = st.tuples(WORDS, st.sampled_from([True, 1, 1.0, "1"]))


@settings(deadline=None)
@given(
    st.tuples(*[WORDS] * 4, st.integers(), WORDS, st.none() | st.integers(), st.integers()),
    st.lists(FIXED, max_size=2).map(tuple),
)
def test_an_id_is_the_digest_of_the_whole_specification(values, fixed):
    spec = TrialSpec(*values, fixed)
    record = {name: getattr(spec, name) for name in TrialSpec.__dataclass_fields__}
    if not spec.fixed:
        del record["fixed"]
    whole = json.dumps(record, sort_keys=True)
    assert spec.id == hashlib.sha256(whole.encode()).hexdigest()[:16]
    assert spec.at(7).maker == spec.maker and spec.at(spec.seed) == spec


def test_a_study_holds_its_possible_trials_and_no_others():
    entry = {"task": "curation/dedup", "methods": ["minhash"], "seeds": {"min": 2, "max": 5}}
    study = check_study({"size": "xs", "tasks": [entry]}, "here")
    possible = study.possible_trials()
    assert {spec.seed for spec in possible} == {0, 1, 2, 3, 4}
    assert all(study.holds(spec) for spec in possible)
    assert not study.holds(possible[0].at(5))
    assert not study.holds(replace(possible[0], size="s"))
    assert study.pieces == {(spec.task, spec.source, spec.size) for spec in possible}


def test_what_another_process_writes_is_seen(many, tmp_path):
    copy = RunFolder(tmp_path / "copy")
    lines = many.trials_file.read_bytes().splitlines(keepends=True)
    copy.trials_file.write_bytes(b"".join(lines[:5]))
    assert len(copy.trials()) == 5
    with copy.trials_file.open("ab") as file:
        file.write(lines[5])
    assert len(copy.trials()) == 6
    copy.append(many.trials()[7])
    assert len(copy.trials()) == 7 == len(RunFolder(copy.path).trials())
    copy.trials_file.write_bytes(b"".join(lines[:2]))
    assert len(copy.trials()) == 2


VERBS = {
    "report": ["report", "run"],
    "resume": ["run", "run/study.toml", "--out", "run"],
    "compare": ["compare", "run", "run"],
    "csv": ["export", "run", "--to", "csv"],
    "json": ["export", "run", "--to", "json"],
    "sci": ["export", "run", "--to", "sci"],
    "runs": ["runs", "list", ".", "--rebuild"],
}


@pytest.fixture(scope="module")
def hundred_thousand(tmp_path_factory):
    path = tmp_path_factory.mktemp("hundred-thousand")
    write_run(path / "run", 100_000)
    write_run(path / "warm-up" / "run", 200)
    return path


def measured(verb, folder):
    """Run a verb in a folder; modules are compiled once, as an installation has them, wherever they lie."""
    compiled = {"PYTHONPYCACHEPREFIX": str(folder / ".compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    call = [sys.executable, "-c", MEASURE, *VERBS[verb]]
    for cwd in (folder / "warm-up", folder):
        done = subprocess.run(
            call, capture_output=True, text=True, cwd=cwd, env=os.environ | compiled, check=False
        )
    return done


@pytest.mark.nightly
@pytest.mark.parametrize("verb", VERBS)
def test_a_hundred_thousand_trials(verb, hundred_thousand, record_property):
    done = measured(verb, hundred_thousand)
    last = done.stderr.strip().splitlines()[-1]
    megabytes = (hundred_thousand / "run" / "trials.jsonl").stat().st_size / 1e6
    record_property("figures", f"{verb} of 100,000 trials ({megabytes:.0f} MB): {last}")
    assert "code 0" in last, done.stderr
    assert float(last.split()[0]) < MOST_S
    assert float(last.split()[-2]) < MOST_GB
