"""A study finds the same wherever its trials run, and a measured trial is alone on its node."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from protocol_numbers import quiet

from qwatt.api.target import to_toml
from qwatt.core.errors import QwattError
from qwatt.core.run_folder import RunFolder
from qwatt.core.study_file import check_study
from qwatt.protocol.node import LOCK, Node
from qwatt.protocol.run import run_study

TASKS = [
    {"task": "tuning/head", "source": "builtin:weather", "methods": ["logistic", "reupload-random"]},
]
SAME = (
    "status", "quality", "settings", "demand", "qpu", "kind", "metric", "counters", "projected", "notes",
    "tuning", "artifacts", "data",
)  # fmt: skip


@pytest.fixture(autouse=True)
def own_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOCK, str(tmp_path / "node.lock"))


def run(path: Path, executor: str, tasks: list[Any], seeds: int = 2) -> RunFolder:
    study = check_study(
        {"seeds": seeds, "size": "xs", "tuning_trials": 2, "shots": 50, "tasks": tasks}, "the test"
    )
    folder = RunFolder(path)
    summary = run_study(study, to_toml(study), folder, quiet, executor=executor)
    assert summary.failed == []
    return folder


def essence(folder: RunFolder) -> bytes:
    """What must not depend on where a trial ran, byte for byte."""
    records = [json.loads(line) for line in folder.trials_file.read_text().splitlines()]
    kept = sorted((r["id"], {name: r[name] for name in SAME}) for r in records)
    return json.dumps(kept).encode()


def exported(folder: RunFolder) -> dict[str, bytes]:
    root = folder.path / "artifacts"
    return {str(f.relative_to(root)): f.read_bytes() for f in sorted(root.rglob("*")) if f.is_file()}


def test_processes_find_the_same_byte_for_byte(tmp_path: Path) -> None:
    serial = run(tmp_path / "serial", "serial", TASKS)
    spread = run(tmp_path / "spread", "processes:2", TASKS)
    assert essence(spread) == essence(serial)
    assert exported(spread) == exported(serial)
    assert exported(serial)
    for trial in [*serial.trials(), *spread.trials()]:
        assert trial.node["alone"] is True
        assert trial.node["cpu"]
        assert trial.environment in spread.environments()
    assert not list(spread.path.rglob(".pending"))


@pytest.mark.nightly
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_ray_finds_the_same_byte_for_byte(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    serial = run(tmp_path / "serial", "serial", TASKS)
    spread = run(tmp_path / "spread", "ray", TASKS)
    assert essence(spread) == essence(serial)
    assert exported(spread) == exported(serial)


def holder(then: str) -> subprocess.Popen[str]:
    """Return another process that holds the node while it does what is said."""
    code = (
        "import sys, time\nfrom qwatt.protocol.node import Node\n"
        f"with Node(waits=True).alone():\n    print('mine', flush=True)\n    {then}\n"
    )
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    other = subprocess.Popen([sys.executable, "-c", code], **pipes)
    assert other.stdout is not None
    assert other.stdout.readline() == "mine\n"
    return other


def test_one_measured_trial_at_a_time() -> None:
    """Where another holds the node: who waits gets it afterwards, who does not says so."""
    other = holder("time.sleep(1)")
    with Node(waits=False).alone() as found:
        assert found["alone"] is False
    start = time.perf_counter()
    with Node(waits=True).alone() as found:
        assert found["alone"] is True
    assert time.perf_counter() - start > 0.3
    other.communicate()


@pytest.mark.parametrize("own", [True, False], ids=["own run", "another run"])
def test_a_wait_for_another_run_is_told_once(own: bool, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> None:
    """Workers of one run, which have their parent in common, take turns in silence."""
    other = holder("time.sleep(2.5)")
    if own:
        monkeypatch.setattr("os.getppid", os.getpid)
    with Node(waits=True).alone() as found:
        assert found["alone"] is True
    other.communicate()
    said = capfd.readouterr().err
    assert said.count("waiting: ") == (not own)
    assert own or f"process {other.pid}, of another run" in said


def test_a_serial_run_beside_another_says_so_at_its_end(tmp_path: Path) -> None:
    other = holder("sys.stdin.read()")
    tasks = [{"task": "tuning/head", "source": "builtin:weather", "methods": ["logistic"]}]
    study = check_study({"seeds": 2, "size": "xs", "tuning_trials": 1, "tasks": tasks}, "the test")
    folder = RunFolder(tmp_path / "run")
    summary = run_study(study, to_toml(study), folder, quiet)
    other.communicate("")
    assert [note for note in summary.notes if note.startswith("2 of 2 trials ran while another run")]


@pytest.mark.parametrize("damage", ["no folder", "no database"])
def test_without_a_lock_trials_run_here_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    file = tmp_path / ("nowhere/node.lock" if damage == "no folder" else "text.lock")
    if damage == "no database":
        file.write_text("some text that is no database")
    monkeypatch.setenv(LOCK, str(file))
    with Node(waits=False).alone() as found:
        assert found["alone"] is None
    with pytest.raises(QwattError, match="no lock can be kept") as caught:
        Node(waits=True)
    assert LOCK in str(caught.value.mend)


def start(folder: Path) -> subprocess.Popen[str]:
    (folder / "study.toml").write_text(
        'seeds = 6\nsize = "xs"\ntuning_trials = 2\nshots = 50\n[[tasks]]\ntask = "tuning/head"\n'
        'source = "builtin:weather"\nmethods = ["logistic", "svm-rbf", "reupload-random"]\n'
    )
    words = [
        sys.executable,
        "-m",
        "qwatt.cli",
        "run",
        "study.toml",
        "--out",
        "run",
        "--executor",
        "processes:2",
    ]
    return subprocess.Popen(
        [*words, "--json"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children = psutil.Process(process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def trials_written(folder: Path) -> int:
    file = folder / "run" / "trials.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


@pytest.mark.nightly
def test_killed_workers_lose_no_trial(tmp_path: Path) -> None:
    process = start(tmp_path)
    for number in (1, 4, 8):
        while trials_written(tmp_path) < number:
            time.sleep(0.01)
        for worker in workers_of(process)[:1]:
            worker.send_signal(signal.SIGKILL)
    out, _ = process.communicate(timeout=300)
    summary = json.loads(out)
    assert (summary["done"], summary["failed"]) == (18, 0)


@pytest.mark.nightly
def test_an_interrupt_ends_workers_and_keeps_what_was_done(tmp_path: Path) -> None:
    process = start(tmp_path)
    while trials_written(tmp_path) < 3:
        time.sleep(0.01)
    workers = workers_of(process)
    assert workers
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive
    assert len(RunFolder(tmp_path / "run").trials()) >= 3
    assert (tmp_path / "run" / "environment.json").exists()
