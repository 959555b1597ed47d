"""A user's own training function, by `--train`: the example, its search space, and every mistake in it."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from qwatt.cli.app import run
from qwatt.core.errors import QwattError
from qwatt.stages.architecture.search.declared import declared_space, read_space
from qwatt.stages.architecture.search.trainings.live import read_losses
from qwatt.stages.architecture.search.trainings.user_function import load_training

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_training.py"
SPACE = {"rate": {"log": [1e-3, 1.0], "levels": 4}, "kind": ["a", "b"]}
HEAD = "def train(settings):\n    return settings['rate']\n"
DECLARED = f"{HEAD}train.space = {SPACE!r}\n"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in ("mine", "helper"):
        sys.modules.pop(name, None)


def qwatt(line, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["qwatt", *line.split()])
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        run()
    out, err = capsys.readouterr()
    return ended.value.code or 0, out, err


def test_the_example_runs_as_its_first_lines_say(place, capsys, monkeypatch):
    line = next(line for line in EXAMPLE.read_text().splitlines() if "qwatt run" in line)
    line = line.strip().removeprefix("qwatt ").replace("examples/own_training.py", str(EXAMPLE))
    line = line.replace("vqc-surrogate", "random") + " --seeds 1 --set trainings=5 --out run --json"
    code, out, err = qwatt(line, capsys, monkeypatch)
    assert code == 0, err
    summary = json.loads(out)["summary"]["architecture/search"]
    assert summary["trainings"] == 5 and summary["failed"] == 0 and summary["training_energy_j"] > 0
    assert set(summary["settings"]) == {"learning_rate", "width", "activation"}


def test_a_raising_function_loses_its_training_and_not_the_run(place, capsys, monkeypatch):
    (place / "mine.py").write_text(
        "def train(settings):\n"
        "    if settings['kind'] == 'b':\n"
        "        raise MemoryError('too large')\n"
        f"    return settings['rate']\ntrain.space = {SPACE!r}\n"
    )
    line = "run architecture/search --train mine:train --method random --seeds 1 --out run"
    code, out, err = qwatt(line, capsys, monkeypatch)
    assert code == 0, err
    assert "4 trainings failed: 4 by MemoryError: too large; trainings.csv tells which" in " ".join(
        out.split()
    )
    rows = (place / "run/artifacts/architecture/search/random/trainings.csv").read_text()
    assert rows.count("MemoryError: too large") == 4


@pytest.mark.parametrize("leave", ["import sys; sys.exit()", "raise SystemExit(3)"])
def test_a_function_that_leaves_python_loses_its_training_and_not_the_run(place, capsys, monkeypatch, leave):
    body = f"    if settings['kind'] == 'b':\n        {leave}\n    return settings['rate']\n"
    (place / "mine.py").write_text(f"def train(settings):\n{body}train.space = {SPACE!r}\n")
    line = "run architecture/search --train mine:train --method random --seeds 1 --out run"
    code, out, err = qwatt(line, capsys, monkeypatch)
    assert code == 0, err
    assert "4 trainings failed: 4 by SystemExit" in " ".join(out.split())


def test_what_a_function_changes_for_everyone_is_undone(place, capsys, monkeypatch):
    (place / "mine.py").write_text(
        "import os, numpy, torch\ndef train(settings):\n    os.mkdir('there')\n    os.chdir('there')\n"
        "    numpy.seterr(all='raise')\n    torch.set_grad_enabled(False)\n"
        "    torch.set_default_dtype(torch.float64)\n    os.rmdir('../there')\n"
        "    return settings['rate']\ntrain.space = {'rate': {'int': [1, 5]}, 'kind': ['a', 'b']}\n"
    )
    line = "run architecture/search --size xs --train mine:train --method vqc-surrogate --method gp --out run"
    import torch

    before = torch.is_grad_enabled(), torch.get_default_dtype()
    code, out, err = qwatt(f"{line} --set vqc-surrogate.steps=2 --shots 100", capsys, monkeypatch)
    assert code == 0, out + err
    assert (torch.is_grad_enabled(), torch.get_default_dtype()) == before
    assert (place / "run" / "trials.jsonl").exists()


def test_a_file_with_a_library_s_name_does_not_take_its_place(place):
    import random

    (place / "random.py").write_text(DECLARED)
    assert load_training("random.py:train").space.names == ("rate", "kind")
    assert sys.modules["random"] is random


def test_a_method_of_a_class_is_found(place):
    (place / "mine.py").write_text(
        "class Model:\n    @staticmethod\n    def train(settings):\n        return 1.0\n"
        f"Model.train.space = {SPACE!r}\n"
    )
    assert load_training("mine:Model.train").function({}) == 1.0


def test_a_plan_trains_nothing(place, capsys, monkeypatch):
    (place / "mine.py").write_text(DECLARED.replace("return settings['rate']", "raise SystemExit('trained')"))
    code, out, err = qwatt(
        "plan architecture/search --train mine:train --seeds 1 --method tpe", capsys, monkeypatch
    )
    assert code == 0, err
    assert "tpe" in out


def test_what_the_function_prints_does_not_reach_the_result(place, capsys, monkeypatch):
    Path("mine.py").write_text(DECLARED.replace("    return", "    print('an epoch')\n    return", 1))
    line = "run architecture/search --size xs --method random --train mine:train --out own --json"
    code, out, err = qwatt(line, capsys, monkeypatch)
    assert code == 0
    assert json.loads(out)
    assert "an epoch" in err


def test_a_wrong_answer_is_told_with_its_mend(place, capsys, monkeypatch):
    (place / "mine.py").write_text(DECLARED.replace("settings['rate']", "'good'", 1))
    line = "run architecture/search --train mine:train --method random --seeds 1 --out run"
    code, out, _ = qwatt(line, capsys, monkeypatch)
    assert code == 1
    assert "mine:train: it returned 'good', which is no loss" in out
    assert 'mend: return the validation loss as a number, or {"loss": ..., "held_back": ...}' in out


def test_a_function_is_found_in_a_module_a_file_and_with_a_space_of_its_own(place):
    (place / "helper.py").write_text("RATE = 2\n")
    (place / "mine.py").write_text(f"import helper\n{DECLARED}")
    (place / "space.toml").write_text('[space]\nwidth = { int = [1, 3] }\nkind = { choice = ["a", "b"] }\n')
    for reference in ("mine:train", "mine.py:train", f"{place}/mine.py:train"):
        assert load_training(reference).space.names == ("rate", "kind")
    own = load_training("mine:train#space.toml")
    assert own.space.names == ("width", "kind") and own.space.shape == (3, 2) and not own.takes


@pytest.mark.parametrize(
    ("text", "reference", "what"),
    [
        (DECLARED, "mine", "'mine' names no function"),
        (DECLARED, "nowhere:train", "no module 'nowhere'"),
        (DECLARED, "nowhere.py:train", "no such file: 'nowhere.py'"),
        (DECLARED, "mine:fit", "it has no function 'fit'"),
        ("train = 3\n", "mine:train", "'train' is no function"),
        (HEAD, "mine:train", "the function has no search space"),
        (f"import missing_library\n{DECLARED}", "mine:train", "it imports 'missing_library', which is not"),
        ("def train(:\n", "mine:train", "the module cannot be imported: SyntaxError"),
        ("raise SystemExit(3)\n", "mine:train", "the module cannot be imported: SystemExit: 3"),
        (f"{HEAD}train.space = {{}}\n", "mine:train", "the search space has no choices"),
        (
            DECLARED.replace("(settings)", "(settings, data)"),
            "mine:train",
            "it cannot be called with the settings",
        ),
        (DECLARED, "mine:train#nowhere.toml", "cannot read the file"),
        (f"{HEAD}train.space = {{1: ['a', 'b']}}\n", "mine:train", "1 is no name of a choice"),
        (
            "train = iter\ntrain = type('T', (), {'__call__': min, 'space': {'a': [1, 2]}})()\n",
            "mine:train",
            "it cannot be",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_runs(place, text, reference, what):
    (place / "mine.py").write_text(text)
    with pytest.raises(QwattError) as told:
        load_training(reference)
    assert what in told.value.what and told.value.where and told.value.mend


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("adam", "'adam' is no choice"),
        ({"choice": ["a"]}, "['a'] is no list of two values or more"),
        ({"choice": ["a", "a"]}, "['a', 'a'] has a value twice"),
        ({"choice": ["a", "b"], "levels": 2}, "unknown key 'levels'"),
        ({"log": [1, 2], "step": 1}, "unknown key 'step'"),
        ({"log": [0, 1]}, "a logarithm needs ends above 0, not 0"),
        ({"float": [1, 0]}, "the range [1, 0] does not ascend"),
        ({"float": [0, float("inf")]}, "inf is not a finite number"),
        ({"int": [0.5, 2]}, "0.5 is not a whole number"),
        ({"int": 3}, "3 is no range"),
        ({"int": [1, 9], "levels": 1}, "1 is no number of levels"),
        ({"int": [1, 9], "levels": 2.0}, "2.0 is no number of levels"),
        ({"int": [1, 9], "levels": 0}, "0 is no number of levels"),
        ({"int": [1, 9], "levels": True}, "True is no number of levels"),
        ({"float": [0, 1], "levels": 10**12}, "the search space has 1,000,000,000,000 points or more"),
        ({"int": [1, 10**400]}, "1000"),
        ({"float": [-1e308, 1.5e308]}, "the range [-1e+308, 1.5e+308] is too wide"),
        ({"float": [1.0, 1.0000000000000002]}, "the range [1.0, 1.0000000000000002] is too narrow"),
        ({"log": [1.0, 1.0000001]}, "the range [1.0, 1.0000001] is too narrow"),
        ([[1], [1]], "[[1], [1]] has a value twice"),
        ([[[1], [1, 2]], [[1], [1, 2]]], "[[[1], [1, 2]], [[1], [1, 2]]] has a value twice"),
        ({"int": [1, 200_000], "levels": 200_000}, "the search space has 200,000 points"),
    ],
)
def test_a_wrong_choice_is_named_with_its_mend(entry, what):
    with pytest.raises(QwattError) as told:
        declared_space({"width": entry}, "space.toml")
    assert told.value.what.startswith(what) and told.value.mend
    assert told.value.where in ("space.toml, choice width", "space.toml")


def test_numbers_and_lists_of_numpy_are_taken():
    ends = {"log": np.array([1e-4, 0.1], dtype=np.float32), "levels": np.int64(4)}
    found = declared_space({"rate": ends, "n": {"int": (np.int64(1), 3)}, "w": {"order": range(3)}}, "")
    plain = {"rate": {"log": [1e-4, 0.1], "levels": 4}, "n": {"int": [1, 3]}, "w": {"order": [0, 1, 2]}}
    assert found == declared_space(plain, "")
    assert all(type(value) in (int, float) for choice in found.choices for value in choice.values)
    assert declared_space({"w": [np.array([1, 2]), np.array([3, 4])]}, "").size == 2
    assert declared_space({"w": [(64,), [64]]}, "").size == 2


def test_a_space_of_one_choice_with_many_values_takes_little_memory():
    space = declared_space({"n": {"int": [1, 100_000], "levels": 100_000}}, "")
    bits = space.one_hot([0, 99_999])
    assert bits.shape == (2, 100_000) and np.argmax(bits, axis=1).tolist() == [0, 99_999]


def test_a_toml_file_may_be_the_space_itself(tmp_path):
    file = tmp_path / "space.toml"
    file.write_text("a = { int = [1, 2] }\n")
    assert read_space(file) == declared_space({"a": {"int": [1, 2]}}, "")


@pytest.mark.parametrize(
    "found", [None, True, "0.3", [0.3, 0.2], {"loss": None}, {"held_back": 1.0}, {"loss": 1, "auc": 2}]
)
def test_what_is_no_loss_is_refused(found):
    with pytest.raises(QwattError):
        read_losses(found, "mine:train")


def test_numbers_of_other_libraries_are_losses():
    import torch

    for found in (
        np.float32(0.5),
        torch.tensor(0.5),
        np.array([0.5]),
        torch.tensor([0.5], requires_grad=True),
        {"loss": 0.5, "held_back": np.float64(1)},
    ):
        assert read_losses(found, "mine:train").loss == 0.5
    assert read_losses(float("inf"), "mine:train").error == "the loss is inf"
    assert read_losses(10**400, "mine:train").error == "the loss is inf"
    assert read_losses({"loss": 0.5, "held_back": float("nan")}, "").error == "held_back is nan"
