"""The contrastively tuned head beside the package setfit: accuracy and CPU seconds from few sentences.

    pip install setfit==1.2.0
    python benchmarks/setfit_peer.py [--per-class 8 16] [--seeds 0 1 2] [--pool 308] [--json FILE]

Both start from the same MiniLM and the same sentences, fit a logistic regression on the tuned vectors and
label the same held-back film snippets. setfit has its defaults (pairs oversampled, one epoch, batches of 16);
ours is tuned over its own space on the validation part, which is charged to it. CPU seconds are of one
thread: loading of the encoder, tuning, and labelling. Rows of other numbers of sentences stay in the file
of `--json`.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments

from qwatt.core.context import Unmetered
from qwatt.core.problem import Solution
from qwatt.core.registry import get_backend
from qwatt.data.fetch import fetch
from qwatt.protocol.tuner import candidates
from qwatt.stages.tuning.head.contrastive import ContrastiveHead
from qwatt.stages.tuning.head.score import accuracy
from qwatt.stages.tuning.head.task import HeadTask


def ours(problem, seed: int) -> float:
    """Return the accuracy of the contrastive head with the setting that validates best."""
    head, tried = ContrastiveHead(), []
    for settings in candidates(head, 12, [seed]):
        context = Unmetered(get_backend("engine"), seed=seed)
        solution: Solution = head.run(problem, settings, context)
        tried.append((HeadTask().validate(problem, solution).value, solution, settings))
    _, solution, settings = max(tried, key=lambda one: one[0])
    context = Unmetered(get_backend("engine"), seed=seed)
    return accuracy(head.apply(problem, solution, settings, context).answer.test, problem.test.labels)


def theirs(problem, seed: int) -> float:
    """Return the accuracy of setfit with its defaults."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder, batch_size=16, num_epochs=1, seed=seed, report_to="none", save_strategy="no"
        )
        data = Dataset.from_dict({"text": list(problem.train.texts), "label": problem.train.labels.tolist()})
        model = SetFitModel.from_pretrained(str(fetch("minilm")))
        metric = lambda found, truth: {"accuracy": 0.0}  # noqa: E731  a name would be looked for on the hub
        Trainer(model=model, args=arguments, train_dataset=data, metric=metric).train()
        found = model.predict(list(problem.test.texts), as_numpy=True)
    return float((found == problem.test.labels).mean())


def main() -> None:
    """Print a row a peer and number of sentences."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--per-class", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--pool", type=int, default=308)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    known = options.json is not None and options.json.exists()
    rows = [
        row
        for row in (json.loads(options.json.read_text()) if known else [])
        if row["per_class"] not in options.per_class
    ]
    print("| per class | peer | accuracy | range | CPU s |\n|---:|---|---:|---|---:|", flush=True)
    for count in options.per_class:
        size = f"s,per_class={count},pool_per_class={options.pool}"
        problems = {seed: HeadTask().load("vader", size, seed) for seed in options.seeds}
        for name, peer in (("qwatt", ours), ("setfit", theirs)):
            found, spent = [], []
            for seed, problem in problems.items():
                begun = time.process_time()
                found.append(peer(problem, seed))
                spent.append(time.process_time() - begun)
            row = {"per_class": count, "peer": name, "seeds": options.seeds}
            rows.append(row | {"accuracy": found, "cpu_s": spent})
            ends = f"{min(found):.3f} to {max(found):.3f}"
            print(f"| {count} | {name} | {median(found):.3f} | {ends} | {median(spent):.0f} |", flush=True)
            if options.json:
                options.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
