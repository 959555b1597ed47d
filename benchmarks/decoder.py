"""Tokens per CPU second of training the small decoder: qwatt's loop and transformers' Trainer, side by side.

Network, windows, batch, optimiser, precision and clipping are the same. Each is visited in turn, round after
round; a number is the median over visits of a step's tokens over the median CPU time between two steps, of
one thread. Ends with 1 if qwatt trains fewer tokens than the Trainer does.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.utils import logging

from qwatt.language.decoder import train_decoder
from qwatt.language.decoder.network import new_decoder
from qwatt.language.decoder.precision import choose_precision
from qwatt.language.decoder.size import default_rates, get_recipe

SIZE = get_recipe("small").size


def tokens(count: int) -> np.ndarray:
    """Ids that follow no rule: what they are changes no cost."""
    return np.random.default_rng(0).integers(SIZE.vocabulary, size=count)


class Enough(Exception):
    """Ends a training before its first point of the curve."""


def by_qwatt(optimiser: str, precision: str, steps: int) -> list[float]:
    """Return the CPU seconds between steps."""
    ends: list[float] = []

    def on_step(*_: object) -> None:
        ends.append(time.process_time())
        if len(ends) == steps:
            raise Enough

    text = tokens(2 * SIZE.step_tokens * steps)
    with suppress(Enough):
        budget = 100 * steps * SIZE.step_tokens
        train_decoder(text, SIZE, budget, optimiser=optimiser, precision=precision, on_step=on_step)
    return np.diff(ends).tolist()


class Clock(TrainerCallback):
    """Notes the CPU time at the end of each step."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_: object, **__: object) -> None:
        """Note it."""
        self.ends.append(time.process_time())


class Rows(torch.utils.data.Dataset):
    """Windows, of which the Trainer's own loss predicts all tokens but the first, and qwatt one more."""

    def __init__(self, count: int) -> None:
        self.rows = torch.from_numpy(tokens(count * SIZE.context).reshape(count, -1))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: int) -> dict[str, torch.Tensor]:
        return {"input_ids": self.rows[i], "labels": self.rows[i]}


def by_trainer(precision: str, steps: int) -> list[float]:
    """Return the CPU seconds between steps of the Trainer, as its documentation says to use it."""
    rates, clock = default_rates(), Clock()
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder,
            max_steps=steps,
            per_device_train_batch_size=SIZE.batch,
            learning_rate=rates.adamw_rate,
            adam_beta1=rates.adamw_betas[0],
            adam_beta2=rates.adamw_betas[1],
            max_grad_norm=rates.clip_norm,
            optim="adamw_torch_fused",
            lr_scheduler_type="linear",
            bf16=precision == "bf16",
            use_cpu=True,
            save_strategy="no",
            logging_strategy="no",
            report_to=[],
            disable_tqdm=True,
            dataloader_pin_memory=False,
        )
        model = new_decoder(SIZE, 0)
        data = Rows(steps * SIZE.batch)
        Trainer(model, arguments, train_dataset=data, callbacks=[clock]).train()
    return np.diff(clock.ends).tolist()


def candidates(precision: str) -> dict[str, Callable[[int], list[float]]]:
    """Return what is compared in a precision, by name."""
    return {
        f"transformers Trainer, AdamW, {precision}": lambda steps: by_trainer(precision, steps),
        f"qwatt, AdamW, {precision}": lambda steps: by_qwatt("adamw", precision, steps),
        f"qwatt, Muon and AdamW, {precision}": lambda steps: by_qwatt("muon", precision, steps),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40)
    given = parser.parse_args()
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    precisions = ["fp32", "bf16"] if choose_precision("auto") == "bf16" else ["fp32"]
    found: dict[str, list[float]] = {}
    for number in range(given.rounds):
        for precision in precisions:
            for name, run in candidates(precision).items():
                found.setdefault(name, []).append(SIZE.step_tokens / median(run(given.steps)))
        print(f"round {number + 1} of {given.rounds}", file=sys.stderr)
    speeds = {name: median(values) for name, values in found.items()}
    held = True
    print(f"{'':40} tokens/CPU s   of the Trainer's   rounds")
    for name, speed in speeds.items():
        precision = name.rpartition(", ")[2]
        ratio = speed / speeds[f"transformers Trainer, AdamW, {precision}"]
        held &= ratio >= 1.0 or "Muon" in name
        spread = f"{min(found[name]):,.0f} to {max(found[name]):,.0f}"
        print(f"{name:40} {speed:12,.0f}   {ratio:16.2f}   {spread}")
    print(f"{SIZE.parameters:,} parameters, {SIZE.batch} windows of {SIZE.context} tokens a step")
    print("holds" if held else "MISSED")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
