"""`--model`: one option that chooses the language model of every task that works on one."""

import json

import pytest
import transformers

from qwatt.api.target import Overrides, resolve
from qwatt.core.errors import QwattError
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


def test_a_task_on_decoders_takes_no_encoder_and_pruning_does(qwatt, tmp_path):
    config = transformers.BertConfig(
        vocab_size=384, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4
    )
    transformers.BertModel(config).save_pretrained(tmp_path / "bert")
    load_decoder("tiny").tokenizer.save_pretrained(tmp_path / "bert")
    refused = qwatt("plan tuning/adapt --model minilm --size xs --seeds 1 --json")
    assert (
        refused.record["error"]["what"] == "minilm is an encoder; what works on decoders here: tuning/adapt"
    )
    named = qwatt(f"plan tuning/adapt --model {tmp_path}/bert --size xs --seeds 1 --json")
    assert "bert is an encoder; what works on decoders here: tuning/adapt" in named.record["error"]["what"]
    command = "plan deployment/prune --size xs --method taylor --seeds 1 --json"
    assert qwatt(f"{command} --model {tmp_path}/bert").code == 0


def test_it_is_the_encoder_of_a_head_which_has_no_other(qwatt, own):
    command = "run tuning/head --data builtin:weather --size xs --seeds 1 --method logistic --json --out run"
    assert qwatt(f"{command} --model own-lm").code == 0
    assert records(own / "run")["logistic"]["size"] == "xs,encoder=own-lm"
    head = json.loads(next((own / "run").rglob("head.json")).read_text())
    assert head["encoder"] == "own-lm"
    refused = qwatt(f"{command} --model own-lm --size xs,encoder=tiny").record["error"]
    assert refused["what"] == "--model and --size both name an encoder"


def sizes(resolved):
    return {task.task: (task.size, dict(task.set)) for task in resolved.tasks}


def test_beside_tasks_that_work_on_it_it_is_the_encoder_of_the_others():
    chosen = sizes(resolve("tuning", Overrides(model="tiny", size="xs", seeds=1))[0])
    assert chosen["tuning/head"] == ("xs,encoder=tiny", {})
    assert chosen["tuning/adapt"] == ("xs", {"model": "tiny"})


def test_a_run_with_a_task_that_cannot_take_it_is_refused():
    with pytest.raises(QwattError, match="works on decoders here: deployment/quantise"):
        resolve("deployment", Overrides(model="minilm"))
    with pytest.raises(QwattError, match="works on decoders here: tuning/adapt"):
        resolve("tuning", Overrides(model="minilm"))


def test_it_replaces_the_encoder_of_a_study(tmp_path):
    file = tmp_path / "study.toml"
    file.write_text('seeds = 1\nsize = "xs,encoder=tiny,per_class=16"\n[[tasks]]\ntask = "tuning/head"\n')
    chosen = sizes(resolve(str(file), Overrides(model="hashed:64"))[0])
    assert chosen["tuning/head"] == ("xs,per_class=16,encoder=hashed:64", {})


@pytest.mark.parametrize("task", ["tuning/head", "tuning/adapt", "deployment/prune"])
def test_the_folder_of_a_user_that_there_is_not_is_an_unknown_model(task):
    with pytest.raises(QwattError, match=r"unknown .* '~nobodyy/x'"):
        resolve(task, Overrides(model="~nobodyy/x"))
