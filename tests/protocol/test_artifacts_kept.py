"""Artifacts that chained trials take: on the disk before their record, made again if lost."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from protocol_numbers import LATER, TASK, method, quiet, study

from qwatt.api.target import to_toml
from qwatt.core.durable import digest_of
from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.protocol.run import run_study

MADE = f"artifacts/{TASK}/better"


@pytest.fixture
def answers(register):
    """Methods of both tasks; the test may change what they answer."""
    given = {"better": 50.0, "consumer": 1.0}
    register(
        method("better", lambda x, context: given["better"]),
        method("consumer", lambda x, context: given["consumer"], task=LATER),
    )
    return given


def chain(seeds):
    tasks = [
        {"task": TASK, "methods": ["better"]},
        {"task": LATER, "methods": ["consumer"], "source": f"@{TASK}"},
    ]
    return study(tasks=tasks, seeds=seeds)


def run(folder, seeds=1):
    return run_study(chain(seeds), to_toml(chain(seeds)), folder, quiet)


def later(folder):
    return [t for t in folder.trials() if t.spec.task == LATER]


def test_both_records_hold_the_digest(folder, answers):
    run(folder)
    made = next(t for t in folder.trials() if t.artifacts)
    assert made.artifact_digest == digest_of(folder.path / MADE)
    assert [t.source_digest for t in later(folder)] == [made.artifact_digest]
    assert RunFolder(folder.path).trials() == folder.trials()


def test_an_artifact_is_on_the_disk_before_its_record(folder, answers, monkeypatch):
    synced, real = [], os.fsync

    def noted(number):
        synced.append(str(Path(f"/proc/self/fd/{number}").readlink()))
        real(number)

    monkeypatch.setattr(os, "fsync", noted)
    run(folder)
    first = next(i for i, name in enumerate(synced) if name.endswith("trials.jsonl"))
    assert {str(folder.path / MADE), str(folder.path / MADE / "number.txt")} <= set(synced[:first])


def test_a_changed_artifact_is_refused_before_another_seed_takes_it(folder, answers):
    run(folder)
    (folder.path / MADE / "number.txt").write_text("7")
    with pytest.raises(QwattError, match="was changed since it was made") as refused:
        run(folder, seeds=2)
    assert "number.txt" in str(refused.value.where) and "made again" in str(refused.value.mend)
    assert len(later(folder)) == 1


def test_a_changed_file_beside_the_main_one_is_refused_too(folder, answers):
    run(folder)
    (folder.path / MADE / "more.txt").write_text("7")
    with pytest.raises(QwattError, match="was changed"):
        run(folder, seeds=2)


def test_a_changed_artifact_that_nobody_takes_any_more_is_the_user_s(folder, answers):
    run(folder)
    (folder.path / MADE / "number.txt").write_text("7")
    assert run(folder).skipped == 2


@pytest.mark.parametrize("what", [f"{MADE}/number.txt", MADE, "artifacts"])
def test_a_lost_artifact_is_made_again_in_its_place(folder, answers, what):
    run(folder)
    before = digest_of(folder.path / MADE)
    lost = folder.path / what
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    summary = run(folder, seeds=2)
    assert digest_of(folder.path / MADE) == before
    assert sorted(path.name for path in (folder.path / "artifacts" / TASK).iterdir()) == ["better"]
    assert {t.source_digest for t in later(folder)} == {before}
    assert f"{TASK} better seed 0 ran again, as what it had made was deleted" in summary.notes
    assert (summary.trials, len(later(folder))) == (4, 2)


def test_who_took_what_was_made_again_differently_runs_again(folder, answers):
    run(folder, seeds=2)
    shutil.rmtree(folder.path / MADE)
    answers["better"] = 60.0
    summary = run(folder, seeds=2)
    assert {t.source_digest for t in later(folder)} == {digest_of(folder.path / MADE)}
    assert sum("made other data anew" in note for note in summary.notes) == 2


def test_an_artifact_of_before_there_were_digests_is_held_against_what_was_taken(folder, answers):
    run(folder)
    lines = [json.loads(line) for line in folder.trials_file.read_text().splitlines()]
    for line in lines:
        line |= {"format": 2}
        for name in ("sha256", "line", "artifact_digest"):
            line.pop(name)
    folder.trials_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder.path / MADE / "number.txt").write_text("7")
    with pytest.raises(QwattError, match="was changed"):
        run(folder, seeds=2)
    for line in lines:
        line.pop("source_digest")
    folder.trials_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run(folder, seeds=2).trials == 4


def test_another_version_is_said(folder, answers):
    run(folder)
    file = folder.path / "environment.json"
    known = json.loads(file.read_text())
    for facts in known.values():
        facts["packages"] |= {"torch": "1.0"}
    file.write_text(json.dumps(known))
    (note,) = run(folder, seeds=2).notes
    assert "another version: torch 1.0, now " in note
    assert "numpy" not in note


@pytest.mark.parametrize("there", [True, False])
def test_a_refused_run_leaves_nothing(tmp_path, register, there):
    path = tmp_path / "runs" / "mine"
    if there:
        path.mkdir(parents=True)
    refused = study(task={"source": "nowhere"})
    with pytest.raises(QwattError, match="no such numbers"):
        run_study(refused, to_toml(refused), RunFolder(path), quiet)
    assert list(tmp_path.rglob("*")) == ([path.parent, path] if there else [])


def test_a_run_that_is_refused_later_keeps_what_it_has(folder, register):
    run_study(study(), to_toml(study()), folder, quiet)
    refused = study(task={"source": "nowhere"})
    with pytest.raises(QwattError):
        run_study(refused, to_toml(refused), folder, quiet)
    assert len(folder.trials()) == 2 and (folder.path / "environment.json").exists()


def test_a_folder_that_was_deleted_meanwhile_is_noticed(folder, register):
    def delete(event, spec, trial):
        if event == "start" and spec.seed == 1:
            shutil.rmtree(folder.path)
            with RunFolder(folder.path).locked():
                pass

    with pytest.raises(QwattError, match="deleted or replaced"):
        run_study(study(), to_toml(study()), folder, delete)
    assert not folder.trials_file.exists(), "nothing went into the other run's folder"
