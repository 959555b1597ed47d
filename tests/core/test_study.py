from pathlib import Path

import pytest

from qwatt.core.errors import QwattError
from qwatt.core.registry import all_methods, get_task
from qwatt.core.study import with_companions
from qwatt.core.study_file import load_study


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(text)
    return path


GOOD = 'seeds = 2\n\n[[tasks]]\ntask = "tuning/head"\nsource = "builtin:weather"\nsize = "xs"\n'


def test_expands_seed_by_seed(tmp_path: Path) -> None:
    specs = load_study(write(tmp_path, GOOD + 'methods = ["logistic", "mlp"]\n')).trials()
    assert [(s.seed, s.method) for s in specs] == [(0, "logistic"), (0, "mlp"), (1, "logistic"), (1, "mlp")]
    assert len({s.id for s in specs}) == 4


def test_seeds_beyond_the_fewest_are_possible_not_certain(tmp_path: Path) -> None:
    text = GOOD.replace("seeds = 2", "seeds = {min = 2, max = 4}") + 'methods = ["logistic", "mlp"]\n'
    study = load_study(write(tmp_path, text))
    assert [s.seed for s in study.trials()] == [0, 0, 1, 1]
    assert [s.seed for s in study.possible_trials()] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert [[s.seed for s in batch] for batch in study.rounds()[0]] == [[0, 0, 1, 1], [2, 2], [3, 3]]
    fixed = load_study(write(tmp_path, GOOD))
    assert fixed.trials() == fixed.possible_trials()
    assert set(fixed.trials()) == set(load_study(write(tmp_path, GOOD + "seeds = [0, 1]\n")).trials())


def test_companions_come_unasked() -> None:
    names = with_companions("tuning/head", ["reupload"])
    assert {"reupload", "reupload-separable", "reupload-random", "linear-same-size", "logistic"} == set(names)


def test_exact_rows_are_extra(tmp_path: Path) -> None:
    specs = load_study(write(tmp_path, "exact = true\n" + GOOD)).trials()
    exact = {s.method for s in specs if s.shots is None}
    quantum = {m.name for m in all_methods("tuning/head") if m.kind == "quantum"}
    suits = get_task("tuning/head").suits
    assert exact == {name for name in quantum if suits(name, "builtin:weather")} >= {"reupload"}
    assert {s.method for s in specs if s.shots is not None} > exact


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[tasks]\ntask = "x"', ["study.toml", "TOML", "line 1"]),
        (GOOD.replace("seeds", "seed"), ["unknown key 'seed'", "line 1", "seeds"]),
        (GOOD.replace("size", "sise"), ["tasks.0.sise", "line 6", "size"]),
        (GOOD.replace("tuning/head", "tuning/haed"), ["unknown task 'tuning/haed'", "tuning/head"]),
        (GOOD.replace('"xs"', '"xxs"'), ["unknown size 'xxs'", "xs"]),
        (GOOD + 'methods = ["logistik"]\n', ["unknown method", "logistic"]),
        (GOOD.replace("seeds = 2", "seeds = -1"), ["seeds"]),
        (GOOD.replace("seeds = 2", 'seeds = "many"'), ["seeds", "'many'"]),
        ("seeds = 2\n", ["tasks"]),
        (GOOD.replace("builtin:weather", "@curation/dedup"), ["unknown earlier task"]),
        (GOOD + '[host]\nw_per_vcpu = {value = 2, unit = "J"}\n', ["unit", "measures energy, not power"]),
        (GOOD + '[host]\nw_per_vcpu = {value = 2, unit = "watts"}\n', ["unknown unit 'watts'", "line 8"]),
        (GOOD + '[host]\nw_per_vcpu = {value = 2, high = 1, unit = "W"}\n', ["ascend", "line 8"]),
        (GOOD.replace("seeds = 2", "seeds = [1, 2, 1]"), ["line 1", "only once"]),
        (GOOD + "seeds = [1, 1]\n", ["line 7", "tasks.0.seeds", "only once"]),
        (GOOD + "seeds = 0\n", ["line 7", "tasks.0.seeds"]),
        (GOOD + "\n[[tasks]]\nsize = 's'\n", ["line 8", "'task' is missing"]),
        (GOOD + GOOD.partition("\n\n")[2].replace("xs", "xxs"), ["line 10", "tasks.1.size", "'xxs'"]),
        (GOOD + "methods = []\n", ["line 7", "tasks.0.methods", "at least 1"]),
        (GOOD.replace('"builtin:weather"', '""'), ["line 5", "tasks.0.source", "at least 1"]),
        (GOOD.replace("seeds = 2", "seeds = true"), ["line 1", "seeds", "whole number"]),
        ('exact = "no"\n' + GOOD, ["line 1", "exact", "valid boolean"]),
        (GOOD + "[host]\nw_per_vcpu = 3\n", ["line 8", "host.w_per_vcpu", "{key = value}"]),
        ('tasks = ["tuning/head"]\n', ["line 1", "[[tasks]]"]),
        (GOOD.replace("seeds = 2", "seeds = {min = 9, max = 5}"), ["line 1", "seeds", "min not above max"]),
        (GOOD.replace("seeds = 2", "seeds = {min = 5}"), ["line 1", "{min = 5, max = 20}"]),
        (GOOD + "seeds = {min = 0, max = 5}\n", ["line 7", "tasks.0.seeds", "whole numbers of 1 to 1000"]),
        (GOOD + "seeds = {least = 5, max = 9}\n", ["line 7", "tasks.0.seeds", "{min = 5, max = 20}"]),
        ('backend = "nosuch"\n' + GOOD, ["line 1", "unknown backend 'nosuch'"]),
    ],
)
def test_mistakes_are_explained(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(QwattError) as caught:
        load_study(write(tmp_path, text))
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(QwattError, match=r"none\.toml"):
        load_study(tmp_path / "none.toml")


def test_identity_changes_with_every_field() -> None:
    from dataclasses import fields, replace

    from qwatt.core.trial import TrialSpec

    spec = TrialSpec("tuning/head", "mlp", "vader", "s", 0, "engine", 1000, 4)
    assert replace(spec, fixed=(("alpha", 1.0),)).id != spec.id
    assert replace(spec, fixed=(("alpha", 1.0),)).id != replace(spec, fixed=(("alpha", 2.0),)).id
    for field in fields(spec):
        old = getattr(spec, field.name)
        if field.name == "fixed":
            continue
        assert replace(spec, **{field.name: f"{old}x" if isinstance(old, str) else old + 1}).id != spec.id


def test_a_trial_appears_once_however_often_it_is_named(tmp_path: Path) -> None:
    task = GOOD.partition("\n\n")[2]
    study = load_study(write(tmp_path, f"seeds = 2\n{task}{task}"))
    assert len({spec.id for spec in study.trials()}) == len(study.trials())


def test_watts_are_watts_whatever_their_unit() -> None:
    from qwatt.core.study import PowerEntry

    assert PowerEntry(value=2.0, low=1.0, unit="kW").interval_w == (1000.0, 2000.0, 2000.0)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_study(path).seeds == 2


def test_the_guide_s_study_is_one(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "studies.md").read_text()
    study = load_study(write(tmp_path, guide.partition("```toml\n")[2].partition("```")[0]))
    first = study.trials()[0]
    assert (first.method, first.fixed) == ("minhash", (("shingles", "char5"), ("threshold", 0.5)))
    assert (len({s.seed for s in study.trials()}), len({s.seed for s in study.possible_trials()})) == (5, 20)
