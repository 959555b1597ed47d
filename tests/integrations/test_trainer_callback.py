"""A real training of transformers' Trainer leaves a row, one for every epoch in it, and its joules."""

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments

import qwatt
from qwatt.core.energy_log import read_energy, stage_totals
from qwatt.integrations.transformers import EnergyCallback

STEPS, EPOCHS = 4, 2


def trainer(folder, callback, **changes):
    config = LlamaConfig(
        vocab_size=32, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2
    )
    tokens = torch.randint(0, 32, (2 * STEPS, 8), generator=torch.Generator().manual_seed(0))
    data = [{"input_ids": line, "labels": line} for line in tokens]
    settings = {
        "output_dir": str(folder / "out"), "num_train_epochs": EPOCHS, "per_device_train_batch_size": 2,
        "report_to": [], "save_strategy": "no", "use_cpu": True, "disable_tqdm": True,
        "include_num_input_tokens_seen": True, "dataloader_pin_memory": False,
    }  # fmt: skip
    return Trainer(
        LlamaForCausalLM(config),
        TrainingArguments(**settings | changes),
        train_dataset=data,
        callbacks=[callback],
    )


def broken(*_):
    raise ValueError("diverged")


def test_a_training_leaves_a_row_and_one_for_every_epoch(tmp_path):
    made = trainer(tmp_path, EnergyCallback(tmp_path / "run", stage="tuning", label="fine-tune"))
    made.train()
    rows = read_energy(tmp_path / "run").rows
    (total,) = stage_totals(read_energy(tmp_path / "run"))
    (whole,) = total.rows
    assert (whole.stage, whole.label, whole.status) == ("tuning", "fine-tune", "done")
    assert whole.counts["steps"] == STEPS * EPOCHS and whole.counts["tokens"] == EPOCHS * 2 * STEPS * 8
    assert whole.counts["flop"] == pytest.approx(made.state.total_flos)
    assert whole.facts["params"] == sum(p.numel() for p in made.model.parameters())
    parts = [row for row in rows if row.part_of == whole.id]
    assert [(row.label, row.counts["steps"]) for row in parts] == [("epoch 1", STEPS), ("epoch 2", STEPS)]
    assert sum(row.energy.value for row in parts) <= whole.energy.value


def test_parts_may_be_steps(tmp_path):
    trainer(tmp_path, EnergyCallback(tmp_path / "run", every_steps=3)).train()
    labels = [row.label for row in read_energy(tmp_path / "run").rows if row.part_of]
    assert labels == ["steps to 3", "steps to 6"]


def test_a_training_that_raises_keeps_what_it_took(tmp_path):
    callback = EnergyCallback(tmp_path / "run", label="broken")
    made = trainer(tmp_path, callback, max_steps=2)
    made.model.register_forward_pre_hook(broken)
    with pytest.raises(ValueError, match="diverged"):
        made.train()
    (left,) = read_energy(tmp_path / "run").rows
    assert left.status == "open"
    again = trainer(tmp_path, callback, max_steps=1)
    again.train()
    first, second, _ = sorted(read_energy(tmp_path / "run").rows, key=lambda row: row.started)[:3]
    assert first.status == "failed" and first.energy.known
    assert second.status == "done" and second.part_of is None


def test_other_processes_of_a_node_record_nothing(tmp_path):
    made = trainer(tmp_path, EnergyCallback(tmp_path / "run"))
    made.args.local_rank = 1
    made.state.is_local_process_zero = False
    callback = made.callback_handler.callbacks[-1]
    callback.on_train_begin(made.args, made.state, made.control, model=made.model)
    callback.on_train_end(made.args, made.state, made.control)
    assert not read_energy(tmp_path / "run").rows


def test_an_unknown_stage_is_named():
    with pytest.raises(qwatt.QwattError, match="tuning"):
        EnergyCallback("run", stage="tunning")


def test_what_the_trainer_does_not_know_is_left_out(tmp_path):
    callback = EnergyCallback(tmp_path / "run")
    made = trainer(tmp_path, callback, max_steps=1)
    callback.on_train_begin(made.args, made.state, made.control)
    made.state.total_flos, made.state.global_step = float("nan"), 1
    callback.on_train_end(made.args, made.state, made.control)
    (whole,) = read_energy(tmp_path / "run").whole
    assert whole.status == "done" and whole.counts == {"steps": 1}


@pytest.mark.parametrize("wrong", [{"every_steps": 0}, {"every_steps": -1}, {"every_s": 0}])
def test_parts_of_nothing_are_refused_before_the_training(wrong):
    with pytest.raises(qwatt.QwattError, match=next(iter(wrong))):
        EnergyCallback("runs/mine", **wrong)
