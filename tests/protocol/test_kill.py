"""A run that is killed at random moments and resumed ends as an undisturbed one."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

STUDY = """
seeds = {seeds}
size = "xs"
tuning_trials = 2
shots = 50

[[tasks]]
task = "tuning/head"
source = "builtin:weather"
methods = ["logistic", "svm-rbf", "reupload-random"]
"""

ALL = {
    "curation/dedup": ("builtin:phrases", ["exact-hash", "minhash"]),
    "curation/cluster": ("builtin:blobs", ["kmeans"]),
    "curation/select": ("builtin:weather", ["k-center"]),
    "encoding/tokenise": ("@curation/dedup", ["bpe", "bytes"]),
    "encoding/load": ("@curation/dedup", ["int8", "amplitude"]),
    "architecture/search": ("builtin:decoder", ["random"]),
    "architecture/layer": ("@curation/dedup", ["mlp"]),
    "training/optimise": ("builtin:weather", ["adamw"]),
    "training/weights": ("builtin:weather", ["coordinate-search"]),
    "tuning/head": ("builtin:weather", ["logistic", "kernel-svm"]),
    "tuning/adapt": ("@curation/dedup", ["lora"]),
    "tuning/distil": ("held-back", ["scratch"]),
    "tuning/reinforce": ("cartpole", ["linear"]),
    "deployment/prune": ("@curation/dedup", ["magnitude"]),
    "deployment/quantise": ("@curation/dedup", ["gptq"]),
    "monitoring/anomaly": ("builtin:weather", ["knn"]),
    "monitoring/drift": ("builtin:weather", ["ks"]),
}
"""Every task with methods that are done soon; several of them on what another one made."""


def start(folder: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "qwatt.cli", "run", "study.toml", "--out", "run", "--json"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=2, text=True)


def finish(folder: Path) -> dict[str, Any]:
    process = start(folder)
    out, _ = process.communicate(timeout=3600)  # of a machine that others load
    assert process.returncode == 0, out
    found: dict[str, Any] = json.loads(out)
    return found


def written(folder: Path) -> int:
    file = folder / "run" / "trials.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def kill_at_random(folder: Path, dice: random.Random, most: int) -> None:
    """Start a run and kill it some time after it has written a random number of further trials."""
    before = written(folder)
    target = before + dice.randint(0, most)
    process = start(folder)
    while process.poll() is None and written(folder) < target:
        time.sleep(0.002)
    time.sleep(dice.uniform(0, 2.5 if target == before else 0.1))  # also while importing and loading
    process.send_signal(signal.SIGKILL)
    process.communicate()


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "run" / "trials.jsonl").read_text().splitlines()]


def essence(folder: Path) -> dict[str, Any]:
    """What must not depend on interruptions: everything but times, joules and what is priced by them."""
    kept = ("status", "quality", "settings", "demand", "kind", "metric")
    return {r["id"]: {name: r[name] for name in kept} | {"bill": r["qpu"]} for r in records(folder)}


def make(folder: Path, seeds: int | str) -> Path:
    folder.mkdir()
    (folder / "study.toml").write_text(STUDY.format(seeds=seeds))
    return folder


@pytest.mark.parametrize(
    ("kills", "seeds"), [(3, 2), pytest.param(20, 8, marks=pytest.mark.nightly)], ids=["few", "many"]
)
def test_killed_and_resumed_is_undisturbed(
    tmp_path: Path, kills: int, seeds: int, record_property: Callable[[str, object], None]
) -> None:
    calm, rough = make(tmp_path / "calm", seeds), make(tmp_path / "rough", seeds)
    assert finish(calm)["trials"] == 3 * seeds
    number = int.from_bytes(os.urandom(4), "big")
    dice = random.Random(number)
    for _ in range(kills):
        kill_at_random(rough, dice, most=3 * seeds // kills)
    survived = written(rough)
    summary = finish(rough)
    assert (summary["trials"], summary["failed"]) == (3 * seeds, 0), f"dice {number}"
    assert summary["skipped"] == survived, f"dice {number}"
    assert essence(rough) == essence(calm), f"dice {number}"
    assert len(records(rough)) == len(essence(rough)) == 3 * seeds, f"dice {number}"
    assert (rough / "run" / "report.html").stat().st_size > 10_000
    assert not list((rough / "run").glob("*.part")), "a half-written file stayed behind"
    record_property("figures", f"{kills} kills, dice {number}: {3 * seeds} trials, none lost, none twice")


def all_tasks_killed(tmp_path: Path, kills: int, number: int, seeds: int = 3) -> str:
    """Kill a run of all tasks so often, hold its end against an undisturbed one, and return figures."""
    entries = (
        f'[[tasks]]\ntask = "{task}"\nsource = "{source}"\nmethods = {methods}\n'
        for task, (source, methods) in ALL.items()
    )
    text = f'seeds = {seeds}\nsize = "xs"\ntuning_trials = 1\nshots = 50\n' + "".join(entries)
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    for folder in (calm, rough):
        folder.mkdir()
        (folder / "study.toml").write_text(text)
    whole = finish(calm)["trials"]
    dice, stages = random.Random(number), []
    for _ in range(kills):
        before = written(rough)
        kill_at_random(rough, dice, most=1)
        stages.append(written(rough) - before)
    survived, summary = written(rough), finish(rough)
    assert (summary["trials"], summary["failed"]) == (whole, 0), f"dice {number}"
    assert summary["skipped"] == survived, f"dice {number}"
    assert essence(rough) == essence(calm), f"dice {number}"
    assert len(records(rough)) == whole, f"dice {number}"
    assert not list((rough / "run").rglob("*.part")) + list((rough / "run").rglob(".pending/*"))
    return (
        f"{kills} kills, dice {number}: {whole} trials of {len(ALL)} tasks, none lost, none twice; "
        f"{survived} were there at the last kill, {stages.count(0)} kills came before a trial ended"
    )


@pytest.mark.nightly
def test_a_hundred_kills_over_all_tasks(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    from qwatt.core.registry import all_tasks

    assert set(ALL) == set(all_tasks())
    figures = all_tasks_killed(tmp_path, 100, int.from_bytes(os.urandom(4), "big"))
    record_property("figures", figures)
    print(figures)


@pytest.mark.nightly
def test_killed_and_resumed_adds_the_same_seeds(tmp_path: Path) -> None:
    """Where seeds are added by what the earlier ones showed."""
    seeds = "{min = 5, max = 9}"
    calm, rough = make(tmp_path / "calm", seeds), make(tmp_path / "rough", seeds)
    for folder in (calm, rough):
        file = folder / "study.toml"
        file.write_text(file.read_text().replace("svm-rbf", "mlp"))
    assert finish(calm)["trials"] == 15 + 2 * 4, "logistic and mlp are undecided, the control is worse"
    number = int.from_bytes(os.urandom(4), "big")
    dice = random.Random(number)
    for _ in range(8):
        kill_at_random(rough, dice, most=4)
    assert finish(rough)["failed"] == 0, f"dice {number}"
    assert essence(rough) == essence(calm), f"dice {number}"
    assert len(records(rough)) == len(essence(rough)), f"dice {number}"
