import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from protocol_numbers import LATER, TASK, NumberTask, Quantum, method, quiet, study

from qwatt.api.target import to_toml
from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.core.study import Study
from qwatt.protocol.run import RunSummary, run_study

pytestmark = pytest.mark.usefixtures("register")


def run(study: Study, folder: RunFolder, listener: Any = quiet) -> RunSummary:
    return run_study(study, to_toml(study), folder, listener)


def ends(folder: RunFolder) -> list[tuple[str, int, str]]:
    """Return method, seed and status of every line ever written."""
    records = [json.loads(line) for line in folder.trials_file.read_text().splitlines()]
    return [(r["method"], r["seed"], r["status"]) for r in records]


def test_every_method_gets_the_same_problem(folder: RunFolder, register: Callable[..., None]) -> None:
    register(method("other", lambda x, context: x))
    summary = run(study(task={"methods": ["identity", "other"]}), folder)
    assert NumberTask.loads == [("numbers", 0), ("numbers", 1)]
    assert (summary.trials, summary.skipped, summary.failed) == (4, 0, [])


def test_what_is_done_is_not_repeated(folder: RunFolder) -> None:
    run(study(), folder)
    NumberTask.loads.clear()
    again = run(study(), folder)
    assert (again.trials, again.skipped) == (2, 2)
    assert NumberTask.loads == []
    assert ends(folder) == [("identity", 0, "done"), ("identity", 1, "done")]


def test_more_seeds_run_only_the_new_ones(folder: RunFolder) -> None:
    run(study(seeds=2), folder)
    summary = run(study(seeds=3), folder)
    assert (summary.trials, summary.skipped) == (3, 2)
    assert ends(folder) == [("identity", seed, "done") for seed in range(3)]


def test_failed_trials_are_tried_again(folder: RunFolder, register: Callable[..., None]) -> None:
    broken = {"now": True}

    def fragile(x: int, context: Any) -> float:
        if broken["now"] and context.seed == 1:
            raise OSError("no luck")
        return x

    register(method("fragile", fragile))
    first = run(study(seeds=3, task={"methods": ["fragile", "identity"]}), folder)
    assert (first.trials, [t.spec.seed for t in first.failed]) == (5, [1])
    broken["now"] = False
    second = run(study(seeds=3, task={"methods": ["fragile", "identity"]}), folder)
    assert (second.trials, second.skipped, second.failed) == (6, 5, [])
    assert ends(folder)[-1] == ("fragile", 1, "done")
    assert len(folder.trials()) == 6


def test_a_torn_line_is_repeated_and_nothing_else(folder: RunFolder) -> None:
    run(study(seeds=3), folder)
    whole = folder.trials_file.read_bytes()
    folder.trials_file.write_bytes(whole[:-20])
    summary = run(study(seeds=3), folder)
    assert summary.repaired
    assert (summary.trials, summary.skipped) == (3, 2)
    assert ends(folder) == [("identity", seed, "done") for seed in range(3)]


def test_an_interrupt_loses_only_the_running_trial(folder: RunFolder, register: Callable[..., None]) -> None:
    def stop(x: int, context: Any) -> float:
        if context.seed == 1:
            raise KeyboardInterrupt
        return x

    register(method("stopper", stop))
    with pytest.raises(KeyboardInterrupt):
        run(study(task={"methods": ["identity", "stopper"]}), folder)
    assert ends(folder) == [("identity", 0, "done"), ("stopper", 0, "done"), ("identity", 1, "done")]


def test_two_runs_never_write_into_one_folder(folder: RunFolder) -> None:
    with folder.locked(), pytest.raises(QwattError, match="another run is writing"):
        run(study(), RunFolder(folder.path))
    assert run(study(), folder).trials == 2


def test_a_source_that_cannot_be_loaded_stops_the_run(folder: RunFolder) -> None:
    for source, words in (("broken", "ZeroDivisionError while loading"), ("nowhere", "no such numbers")):
        with pytest.raises(QwattError, match=words) as caught:
            run(study(task={"source": source}), folder)
        assert caught.value.where == f"source {source}"
        assert caught.value.mend


def test_a_backend_that_does_not_exist_stops_the_run_before_it_begins(folder: RunFolder) -> None:
    for backend in ("noisy:nothing", "pennylane:nothing"):
        with pytest.raises(QwattError, match="nothing"):
            run(study(backend=backend, task={"methods": ["pretend-quantum"]}), folder)
    assert not folder.trials_file.exists()


def test_companions_run_unasked(folder: RunFolder) -> None:
    run(study(seeds=1, task={"methods": [Quantum.name]}), folder)
    assert ends(folder) == [("identity", 0, "done"), ("pretend-quantum", 0, "done")]


def test_the_listener_hears_everything(folder: RunFolder) -> None:
    heard = []
    run(
        study(seeds=1),
        folder,
        lambda event, spec, trial: heard.append((event, spec.seed, trial and trial.status)),
    )
    assert heard == [("load", 0, None), ("start", 0, None), ("done", 0, "done")]


def test_artifacts_are_written_once_and_an_error_there_fails_the_trial(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> list[Path]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(NumberTask, "export", full)
        summary = run(study(seeds=1), folder)
        assert "No space left" in str(summary.failed[0].error)
    run(study(), folder)
    trials = folder.trials()
    assert [t.artifacts for t in trials] == [
        ["artifacts/monitoring/numbers/identity/number.txt"],
        [],
    ]
    assert (folder.path / "artifacts/monitoring/numbers/identity/number.txt").read_text() == "5"


def test_other_sources_and_settings_keep_their_own_artifacts(folder: RunFolder) -> None:
    both = [{"task": TASK, "methods": ["identity"], "source": source} for source in ("one", "two")]
    summary = run(study(seeds=1, tasks=both), folder)
    run(study(seeds=2, tasks=both), folder)
    run(study(seeds=1, task={"source": "three"}), folder)
    made = {t.spec.source: t.artifacts for t in folder.trials() if t.artifacts}
    place = "artifacts/monitoring/numbers/identity"
    assert made == {
        "one": [f"{place}/number.txt"],
        "two": [f"{place}@2/number.txt"],
        "three": [f"{place}@3/number.txt"],
    }
    assert all((folder.path / file).is_file() for (file,) in made.values())
    assert summary.artifacts == {TASK: folder.path / f"{place}/number.txt"}


def test_the_same_task_twice_runs_once(folder: RunFolder) -> None:
    both = [{"task": TASK, "methods": ["identity"]}] * 2
    run(study(tasks=both), folder)
    assert len(ends(folder)) == 2


def test_data_that_changed_is_noticed(folder: RunFolder, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.txt").write_text("one")
    run(study(task={"source": str(corpus)}), folder)
    assert run(study(task={"source": str(corpus)}), folder).skipped == 2
    (corpus / "a.txt").write_text("two")
    for seeds in (2, 3):
        with pytest.raises(QwattError, match="the data changed"):
            run(study(seeds=seeds, task={"source": str(corpus)}), folder)
    other = RunFolder(tmp_path / "other")
    assert run(study(seeds=3, task={"source": str(corpus)}), other).trials == 3


def test_rows_that_were_left_out_are_told(folder: RunFolder, tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    rows = [
        json.dumps({"text": f"It was a {w} day {i}", "label": w}) for i in range(60) for w in ("good", "bad")
    ]
    own.write_text("\n".join([*rows, '{"text": null, "label": "bad"}', "not json"]) + "\n")
    task = {"task": "tuning/head", "source": str(own), "size": "xs", "methods": ["logistic"]}
    for seeds in (1, 2, 2):
        summary = run(study(seeds=seeds, tasks=[task]), folder)
        assert len(summary.remarks) == 1
        assert "1 skipped: null" in summary.remarks[0]
        assert "1 skipped: not JSON (first: own.jsonl:122)" in summary.remarks[0]


def test_the_best_result_is_named(folder: RunFolder, register: Callable[..., None]) -> None:
    register(method("better", lambda x, context: 20.0))
    summary = run(study(task={"methods": ["identity", "better"]}), folder)
    assert summary.artifacts == {TASK: folder.path / "artifacts/monitoring/numbers/better/number.txt"}


# Chains


def chain(**changes: Any) -> Study:
    tasks = [
        {"task": TASK, "methods": ["identity", "better"]},
        {"task": LATER, "methods": ["consumer"], "source": f"@{TASK}"},
    ]
    return study(tasks=tasks, **changes)


@pytest.fixture
def chained(register: Callable[..., None]) -> dict[str, float]:
    worth = {"better": 20.0}
    register(
        method("better", lambda x, context: worth["better"]),
        method("consumer", lambda x, context: x, task=LATER),
    )
    return worth


def test_a_chain_takes_the_best_method_s_artifact(folder: RunFolder, chained: dict[str, float]) -> None:
    run(chain(), folder)
    sources = {source for source, _ in NumberTask.loads}
    assert str(folder.path / "artifacts/monitoring/numbers/better/number.txt") in sources
    later = [t for t in folder.trials() if t.spec.task == LATER]
    assert {t.spec.source for t in later} == {f"@{TASK}"}
    assert {t.artifact_source for t in later} == {"artifacts/monitoring/numbers/better/number.txt"}


def test_a_longer_study_keeps_the_chain_it_began_with(folder: RunFolder, chained: dict[str, float]) -> None:
    run(chain(seeds=1), folder)
    chained["better"] = -50.0
    run(chain(seeds=4), folder)
    later = [t for t in folder.trials() if t.spec.task == LATER]
    assert len(later) == 4
    assert {t.artifact_source for t in later} == {"artifacts/monitoring/numbers/better/number.txt"}


def test_a_chain_without_an_artifact_says_so(folder: RunFolder, register: Callable[..., None]) -> None:
    def fail(x: int, context: Any) -> float:
        raise ValueError("never")

    register(method("better", fail), method("identity", fail), method("consumer", lambda x, c: x, task=LATER))
    with pytest.raises(QwattError, match="has made no artifact") as caught:
        run(chain(), folder)
    assert caught.value.mend


# The machine


def test_the_study_s_watts_are_charged(
    folder: RunFolder, register: Callable[..., None], tmp_path: Path
) -> None:
    from qwatt.energy.meter import Meter

    if Meter().boundary.value != "node":
        pytest.skip("a chip's sensor measures this machine")

    def busy(x: int, context: Any) -> float:
        return sum(i * i for i in range(200_000)) * 0.0 + x

    register(method("busy", busy))
    plain_watts = study(seeds=1, tuning_trials=1, task={"methods": ["busy"]})
    stated = study(
        seeds=1,
        tuning_trials=1,
        task={"methods": ["busy"]},
        host={"w_per_vcpu": {"value": 2.0, "low": 1.0, "high": 4.0, "unit": "kW"}},
    )
    before = dict(os.environ)
    run(plain_watts, folder)
    run(stated, RunFolder(tmp_path / "stated"))
    assert dict(os.environ) == before
    catalogue, mine = (f.trials()[0].host_energy for f in (folder, RunFolder(tmp_path / "stated")))
    assert catalogue is not None and mine is not None
    low, value, high = mine.interval
    assert value > 100 * catalogue.interval[1]
    assert (low / value, high / value) == pytest.approx((0.5, 2.0), rel=0.01)


def test_watts_that_do_not_ascend_are_refused() -> None:
    with pytest.raises(QwattError, match="ascend"):
        study(host={"w_per_vcpu": {"value": 2.0, "low": 3.0, "unit": "W"}})


def test_the_environment_names_no_user_host_or_path(folder: RunFolder) -> None:
    import getpass
    import socket

    run(study(), folder)
    text = (folder.path / "environment.json").read_text()
    facts = next(iter(json.loads(text).values()))
    assert facts["packages"]["qwatt"]
    assert {"python", "cpu", "cores", "memory_gb", "commit"} <= set(facts)
    lines = json.dumps([facts[k] for k in facts if k not in ("cpu", "packages", "commit")])
    assert str(Path.home()) not in text
    assert str(Path.cwd()) not in text
    assert socket.gethostname() not in lines
    assert getpass.getuser() not in lines
    assert folder.trials()[0].environment in json.loads(text)
