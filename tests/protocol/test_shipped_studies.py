"""The studies that come with qwatt: whole lives, and one that takes a minute and fetches nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qwatt.core.registry import get_method
from qwatt.core.size import rung_of
from qwatt.core.study_file import load_study
from qwatt.core.task import STAGES
from qwatt.protocol.plan import plan_study

STUDIES = Path(__file__).parents[2] / "studies"
LIMIT_S = 120
"""Of CPU time, so that a busy machine does not fail the test; one process runs all trials."""


@pytest.mark.parametrize("name", ["default", "quick", "smollm2"])
def test_a_life_has_every_stage_with_classical_quantum_and_control_methods(name: str) -> None:
    kinds: dict[str, set[str]] = {}
    for spec in load_study(STUDIES / f"{name}.toml").trials():
        kinds.setdefault(spec.task.split("/")[0], set()).add(get_method(spec.task, spec.method).kind.value)
    assert list(kinds) == list(STAGES)
    assert all({"classical", "quantum", "control"} <= found for found in kinds.values()), kinds


def test_the_real_model_is_changed_by_classical_and_quantum_methods() -> None:
    specs = load_study(STUDIES / "smollm2.toml").trials()
    changed = {spec.task for spec in specs if rung_of(spec.size) == "full"}
    named = {"architecture/layer", "tuning/adapt", "tuning/distil", "deployment/prune", "deployment/quantise"}
    assert changed == named
    for task in changed:
        kinds = {get_method(task, spec.method).kind.value for spec in specs if spec.task == task}
        assert {"classical", "quantum", "control"} <= kinds, task


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["default", "quick", "smollm2"])
def test_a_life_can_be_planned(name: str) -> None:
    study = load_study(STUDIES / f"{name}.toml")
    rows = plan_study(study)
    assert {(row.task, row.method) for row in rows} == {(s.task, s.method) for s in study.trials()}


@pytest.mark.nightly
def test_the_quick_study_needs_no_data_and_two_minutes(tmp_path: Path) -> None:
    fresh = os.environ | {
        "QWATT_CACHE": str(tmp_path / "cache"),
        "QWATT_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }
    words = [sys.executable, "-m", "qwatt.cli", "run", str(STUDIES / "quick.toml"), "--out", "life", "--json"]
    before = os.times()
    done = subprocess.run(words, cwd=tmp_path, env=fresh, capture_output=True, text=True)
    after = os.times()
    assert done.returncode == 0, done.stderr[-2000:]
    record = json.loads(done.stdout)
    assert record["failed"] == 0
    assert after.children_user - before.children_user < LIMIT_S
    assert (tmp_path / "life/report.html").is_file()
    again = json.loads(subprocess.run(words, cwd=tmp_path, env=fresh, capture_output=True, text=True).stdout)
    assert again["skipped"] == record["done"]
