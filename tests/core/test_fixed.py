from pathlib import Path
from typing import Any

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.fixed import fixed_settings, merged, parse_assignments
from qwatt.core.registry import all_methods, get_method
from qwatt.core.study_file import load_study
from qwatt.core.trial import Trial, TrialSpec

STUDY = 'seeds = 1\n[[tasks]]\ntask = "curation/dedup"\nmethods = ["minhash", "embedding"]\n'


def specs(tmp_path: Path, table: str) -> dict[str, TrialSpec]:
    path = tmp_path / "study.toml"
    path.write_text(STUDY + table)
    return {spec.method: spec for spec in load_study(path).trials()}


def test_a_setting_is_fixed_for_every_method_that_has_it(tmp_path: Path) -> None:
    found = specs(tmp_path, 'set = {threshold = 0.8, shingles = "word3"}\n')
    assert found["minhash"].fixed == (("shingles", "word3"), ("threshold", 0.8))
    assert found["embedding"].fixed == (("threshold", 0.8),)


def test_a_method_s_own_value_goes_first(tmp_path: Path) -> None:
    found = specs(tmp_path, "[tasks.set]\nthreshold = 0.8\nminhash.threshold = 1\n")
    assert found["minhash"].fixed == (("threshold", 1.0),)
    assert type(found["minhash"].fixed[0][1]) is float
    assert found["embedding"].fixed == (("threshold", 0.8),)


def test_another_value_is_another_trial_and_none_the_one_of_before(tmp_path: Path) -> None:
    ids = [
        specs(tmp_path, table)["minhash"].id
        for table in ("", "set = {threshold = 0.8}\n", "set = {threshold = 0.81}\n")
    ]
    assert len(set(ids)) == 3
    assert specs(tmp_path, "set = {}\n")["minhash"].id == ids[0]


def test_identities_of_before_fixed_settings_are_kept() -> None:
    spec = TrialSpec("tuning/head", "mlp", "vader", "s", 0, "engine", 1000, 4)
    assert spec.id == "48065b69fdee59c3"  # as written to run folders before there were fixed settings


def test_a_record_keeps_what_was_fixed() -> None:
    import json

    fixed = (("shingles", "word3"), ("threshold", 1.0))
    trial = Trial(
        TrialSpec("curation/dedup", "minhash", "x", "s", 0, "engine", 1, 1, fixed), "classical", "m", "done"
    )
    again = Trial.from_record(json.loads(json.dumps(trial.to_record())))
    assert again.spec == trial.spec
    assert again.spec.id == trial.spec.id


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("set = {treshold = 0.8}", ["unknown setting 'treshold'", "line 5", "key tasks.0.set", "threshold"]),
        ("[tasks.set]\nminhash.treshold = 0.8", ["setting of minhash 'treshold'", "threshold"]),
        ("[tasks.set]\nminhsh.threshold = 0.8", ["'minhsh'", "minhash"]),
        ("[tasks.set]\nindependent-set-qaoa.ramp = 1.0", ["those that run", "independent-set-qaoa"]),
        ('set = {threshold = "high"}', ["embedding", "a number for threshold, not 'high'", "0.78, 0.8"]),
        ("[tasks.set]\nminhash.shingles = 3", ["minhash", "text for shingles", "shingles, threshold"]),
        ("[tasks.set]\nminhash.threshold = true", ["a number for threshold, not True"]),
        ("[tasks.set]\nminhash.threshold = [0.5]", ["a number for threshold, not [0.5]"]),
        ("[tasks.set]\nminhash.threshold = inf", ["a number for threshold, not inf"]),
        ("set = 3", ["line 5", "tasks.0.set", "{key = value}"]),
    ],
)
def test_mistakes_name_method_setting_and_the_known_ones(
    tmp_path: Path, table: str, words: list[str]
) -> None:
    with pytest.raises(QwattError) as caught:
        specs(tmp_path, table + "\n")
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("texts", "table"),
    [
        (["threshold=0.8"], {"threshold": 0.8}),
        (["minhash.threshold = 1"], {"minhash": {"threshold": 1}}),
        (["shingles=word3"], {"shingles": "word3"}),
        (['shingles="3"', "rule=true"], {"shingles": "3", "rule": True}),
        (["a.x=1", "a.y=2", "x=3"], {"a": {"x": 1, "y": 2}, "x": 3}),
    ],
)
def test_options_are_read_as_toml_or_text(texts: list[str], table: dict[str, Any]) -> None:
    assert parse_assignments(texts) == table


@pytest.mark.parametrize("text", ["threshold", "=1", "threshold=", "minhash.=1", ".threshold=1"])
def test_what_is_no_assignment_says_so(text: str) -> None:
    with pytest.raises(QwattError, match="not a setting and its value") as caught:
        parse_assignments([text])
    assert text in str(caught.value.where)


def test_newer_values_replace_older_ones() -> None:
    table = {
        "threshold": 0.5,
        "minhash": {"threshold": 0.6, "shingles": "word3"},
        "embedding": {"threshold": 1.0},
    }
    assert merged(table, {"threshold": 0.8}) == {"threshold": 0.8, "minhash": {"shingles": "word3"}}
    assert merged(table, {"minhash": {"threshold": 0.8}}) == table | {
        "minhash": {"threshold": 0.8, "shingles": "word3"}
    }
    assert table["minhash"] == {"threshold": 0.6, "shingles": "word3"}


def test_a_value_outside_the_grid_is_allowed() -> None:
    minhash = type(get_method("curation/dedup", "minhash"))
    assert fixed_settings(minhash, {"threshold": 0.123}) == (("threshold", 0.123),)


@pytest.mark.parametrize(
    ("task", "method", "setting", "good", "bad"),
    [
        ("curation/dedup", "minhash", "threshold", [0.01, 1, 1.0], [0, -0.5, 1.0001, 10**400]),
        ("curation/dedup", "embedding", "precision", [0.0, 0.5, 1], [-0.1, 1.1]),
        ("curation/dedup", "minhash", "shingles", ["word1", "char50"], ["word0", "char51", "char", "5"]),
        ("curation/dedup", "minhash", "normalise", ["words"], ["letters"]),
        ("curation/dedup", "greedy", "rule", ["heaviest"], ["lightest"]),
        ("tuning/head", "logistic", "C", [1e-9, 1e9], [0, -1]),
        ("tuning/head", "mlp", "alpha", [0, 5], [-1e-9]),
        ("tuning/head", "reupload", "layers", [1], [0, -3]),
        ("tuning/head", "svm-rbf", "gamma", ["scale", 0.5], ["auto", 0.0]),
        ("curation/select", "loss-sampling", "power", [-7.0, 0.0], []),
    ],
)
def test_a_value_that_no_trial_can_take_is_refused_before_any(
    task: str, method: str, setting: str, good: list[Any], bad: list[Any]
) -> None:
    cls = type(get_method(task, method))
    for value in good:
        assert fixed_settings(cls, {setting: value}) == ((setting, value),)
    for value in bad:
        with pytest.raises(QwattError):
            fixed_settings(cls, {setting: value})


def test_every_candidate_is_within_its_own_limits() -> None:
    for cls in all_methods():
        for setting, candidates in cls.space.items():
            for value in candidates:
                assert fixed_settings(cls, {cls.name: {setting: value}}) == ((setting, value),)
