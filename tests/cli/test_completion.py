"""The tab key: what is completed where, as bash would ask."""

import subprocess
import sys

import pytest

from qwatt.cli.app import run
from qwatt.core.registry import all_methods, all_tasks
from qwatt.energy.qpu import load_qpus
from qwatt.projection.scenario.file import scenario_files


@pytest.fixture
def complete(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("QWATT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def ask(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("_QWATT_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        monkeypatch.setattr(sys, "argv", ["qwatt"])
        with pytest.raises(SystemExit) as ended:
            run()
        assert not ended.value.code
        return capsys.readouterr().out.split()

    return ask


def test_a_target_is_a_study_a_stage_or_a_task(complete) -> None:
    assert complete("qwatt run tun") == [
        "tuning",
        *(name for name in all_tasks() if name.startswith("tuning/")),
    ]
    assert {"studies/default.toml", "studies/quick.toml"} <= set(complete("qwatt plan studies/"))


def test_a_method_is_of_the_target_before_it(complete) -> None:
    of_task = [method.name for method in all_methods("deployment/prune") if method.name.startswith("q")]
    assert complete("qwatt run deployment/prune --method q") == of_task
    assert set(of_task) < set(complete("qwatt run --method q"))


def test_scenarios_machines_tasks_and_data_sets_are_completed(complete) -> None:
    assert complete("qwatt project ") == sorted(scenario_files())
    ibm = [name for name in load_qpus() if name.startswith("ibm_")]
    assert ibm
    assert complete("qwatt plan tuning/head --qpu ibm_") == ibm
    assert complete("qwatt estimate circuit --qpu ibm_") == ibm
    assert complete("qwatt list methods mon") == ["monitoring/anomaly", "monitoring/drift"]
    assert complete("qwatt data fetch sha") == ["shakespeare"]
    assert complete("qwatt show curation/dedup/min") == ["curation/dedup/minhash"]
    assert complete("qwatt train") == ["train-lm"]


def test_a_second_tab_imports_no_stage(complete, tmp_path) -> None:
    complete("qwatt run cur")
    look = "completion.targets(''); print('qwatt.stages' in sys.modules)"
    code = f"import sys; from qwatt.cli import completion; {look}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
