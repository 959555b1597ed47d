"""auto-round's own SignRound on some layers: SCRIPT JOB.json, which says where all else is.

The job names a Hugging Face folder, a file of token ids, tokens of a window, layers, bits, weights that share
a scale, steps and the file that weights go to. All other layers stay floats. Time and joules are those of its
`quantize_and_save` less the reading of the model.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from auto_round import AutoRound
from transformers import AutoModelForCausalLM, AutoTokenizer

from qwatt.energy.meter import Meter


def main(job: dict[str, object]) -> None:
    torch.set_num_threads(1)
    folder = str(job["folder"])
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokens, width = np.load(str(job["tokens"])), int(job["window"])
    windows = torch.from_numpy(tokens[: len(tokens) // width * width].reshape(-1, 1, width))
    chosen = set(job["layers"])
    linear = [name for name, part in model.named_modules() if isinstance(part, torch.nn.Linear)]
    kept = {name: {"bits": 16, "data_type": "float"} for name in linear if name not in chosen}
    began = time.process_time()
    with Meter().window("auto-round") as window:
        rounding = AutoRound(
            model,
            tokenizer,
            scheme={
                "bits": int(job["bits"]),
                "group_size": int(job["group"]),
                "sym": False,
                "data_type": "int",
                "act_bits": 16,
            },
            layer_config=kept,
            dataset=list(windows),
            nsamples=len(windows),
            seqlen=width,
            batch_size=8,
            iters=int(job["steps"]),
            seed=int(job["seed"]),
            enable_torch_compile=False,
            low_cpu_mem_usage=False,
            device_map="cpu",
        )
        found, _ = rounding.quantize()
    used = time.process_time() - began
    parts = dict(found.named_modules())
    weights = {name: parts[name].weight.detach().float().numpy() for name in job["layers"]}
    np.savez(str(job["out"]), **weights)
    print(json.dumps({"cpu_s": used, "energy": window.energy.to_record()}))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
