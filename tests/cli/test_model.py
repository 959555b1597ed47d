"""`--model`: one option that chooses the language model of every task that works on one."""

import json

import pytest

from qwatt.language.decoder import load_decoder, save_decoder

WORDS = "architecture/layer --data builtin:weather --size xs --seeds 1 --method mlp --tuning-trials 1"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Stand in a folder that holds a decoder which no name is known of."""
    monkeypatch.chdir(tmp_path)
    decoder = load_decoder("tiny")
    save_decoder(decoder.model, decoder.tokenizer, tmp_path / "own-lm")
    return tmp_path


def records(folder):
    return {r["method"]: r for r in map(json.loads, (folder / "trials.jsonl").read_text().splitlines())}


def test_a_folder_is_worked_on_resumed_and_noticed_when_it_changed(qwatt, own):
    command = f"run {WORDS} --model own-lm --out run --json"
    assert qwatt(command).code == 0
    found = records(own / "run")["mlp"]
    assert (found["settings"]["model"], found["extras"]["decoder"]) == ("own-lm", "own-lm")
    again = qwatt("run run/study.toml --out run --json").record
    assert (again["skipped"], again["failed"]) == (1, 0)
    config = own / "own-lm" / "config.json"
    config.write_text(config.read_text() + "\n")
    changed = qwatt(command).record["error"]
    assert changed["where"] == "own-lm"
    assert "changed since this run began" in changed["what"]


def test_it_goes_to_the_tasks_that_take_it_alone(qwatt, own):
    (own / "both.toml").write_text(
        """seeds = 1
size = "xs"
tuning_trials = 1
[[tasks]]
task = "curation/dedup"
source = "builtin:phrases"
methods = ["minhash"]
[[tasks]]
task = "architecture/layer"
source = "builtin:weather"
methods = ["mlp"]
[tasks.set]
model = "small"
"""
    )
    assert qwatt("run both.toml --model tiny --out run --json").code == 0
    found = records(own / "run")
    assert found["mlp"]["settings"]["model"] == "tiny"
    assert "model" not in found["minhash"]["settings"]


def test_a_plan_takes_it(qwatt, own):
    assert qwatt(f"plan {WORDS} --model own-lm --json").code == 0
