"""A small transformers training whose energy goes into a run folder, an epoch a row:

python examples/record_training.py runs/mine
qwatt report runs/mine
qwatt project my-model --run runs/mine
qwatt export runs/mine --to hf-card --grid germany
"""

import sys

import torch
from transformers import LlamaConfig, LlamaForCausalLM, Trainer, TrainingArguments

import qwatt
from qwatt.integrations.transformers import EnergyCallback

TOKENS = 256


def main(folder):
    """Make data and train on it, each a stretch of its own stage."""
    with qwatt.record(folder, stage="curation", label="make data"):
        tokens = torch.randint(0, TOKENS, (32, 16), generator=torch.Generator().manual_seed(0))
        data = [{"input_ids": line, "labels": line} for line in tokens]
    config = LlamaConfig(
        vocab_size=TOKENS, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2
    )
    arguments = TrainingArguments(
        output_dir=f"{folder}/trainer",
        num_train_epochs=2,
        per_device_train_batch_size=8,
        include_num_input_tokens_seen=True,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    callback = EnergyCallback(folder, stage="training", label="small Llama")
    Trainer(LlamaForCausalLM(config), arguments, train_dataset=data, callbacks=[callback]).train()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "runs/mine")
