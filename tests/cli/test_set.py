import json
from pathlib import Path

import pytest

WORDS = "tuning/head --data builtin:weather --size xs --seeds 1 --shots 20 --method logistic --method mlp"


@pytest.fixture
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_fixed_settings_are_run_and_repeated_from_the_run_s_own_study(qwatt, inside):
    ran = qwatt(f"run {WORDS} --set C=0.5 --set mlp.hidden=8 --out run --json")
    assert ran.code == 0
    records = {
        r["method"]: r for r in map(json.loads, (inside / "run/trials.jsonl").read_text().splitlines())
    }
    assert records["logistic"]["settings"]["C"] == 0.5
    assert records["mlp"]["settings"]["hidden"] == 8
    again = qwatt("run run/study.toml --out run --json").record
    assert (again["skipped"], again["failed"]) == (2, 0)


def test_a_plan_takes_fixed_settings_and_refuses_unknown_ones(qwatt, inside):
    assert qwatt(f"plan {WORDS} --set C=0.5 --json").code == 0
    for text, what in (("Z=1", "unknown setting 'Z'"), ("svm.C=1", "'svm'"), ("C=x", "a number for C")):
        error = qwatt(f"plan {WORDS} --set {text} --json")
        assert error.code == 2
        assert what in error.record["error"]["what"]


def test_a_setting_is_fixed_only_in_the_tasks_that_have_it(qwatt, inside):
    (inside / "both.toml").write_text(
        """seeds = 1
size = "xs"
tuning_trials = 1
[[tasks]]
task = "tuning/head"
source = "builtin:weather"
methods = ["logistic"]
[[tasks]]
task = "curation/dedup"
source = "builtin:phrases"
methods = ["minhash"]
"""
    )
    assert qwatt("run both.toml --set threshold=0.77 --out run --json").code == 0
    records = {
        r["method"]: r for r in map(json.loads, (inside / "run/trials.jsonl").read_text().splitlines())
    }
    assert records["minhash"]["settings"]["threshold"] == 0.77
    assert "threshold" not in records["logistic"]["settings"]


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("logistic.C=-1.0", "a number above 0"),
        ("mlp.hidden=-3", "a number from 1 to 10,000"),
        ("mlp.hidden=1000000000000", "a number from 1 to 10,000"),
    ],
)
def test_a_value_that_no_trial_can_take_is_refused_before_any(qwatt, inside, text, taken):
    name, _, value = text.partition("=")
    method, _, setting = name.partition(".")
    for verb in ("plan", "run"):
        ran = qwatt(f"{verb} {WORDS} --set {text} --json")
        assert ran.code == 2
        assert ran.record["error"]["what"] == f"{method} takes {taken} for {setting}, not {value}"
        assert "the tuner tries" in ran.record["error"]["mend"]


def test_a_value_that_a_method_cannot_take_is_named_with_those_that_it_can(qwatt, inside):
    ran = qwatt(f"run {WORDS} --set mlp.learning_rate=1e300 --out run --json")
    assert ran.code == 1
    (error,) = [failed["error"] for failed in ran.record["errors"]]
    assert error.startswith("QwattError: mlp does not work with learning_rate=1e+300: ")
    assert "as the tuner tries them, learning_rate: " in error
    said = qwatt(f"run {WORDS} --set mlp.learning_rate=1e300 --out run")
    assert "failed: tuning/head mlp seed 0: mlp does not work with learning_rate=1e+300: " in said.out
    assert "\n  mend: give a value as the tuner tries them, learning_rate: " in said.out


def test_settings_fixed_for_a_method_go_with_it(tmp_path: Path) -> None:
    from qwatt.api.target import Overrides, resolve

    file = tmp_path / "study.toml"
    file.write_text('[[tasks]]\ntask = "tuning/head"\nset = { mlp = { alpha = 1.0 }, C = 0.1 }\n')
    for method, left in (("logistic", {"C": 0.1}), ("mlp", {"mlp": {"alpha": 1.0}, "C": 0.1})):
        study, _, _ = resolve(str(file), Overrides(methods=[method, "svm-rbf"]))
        assert study.tasks[0].set == left
