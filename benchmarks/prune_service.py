"""A saved pruned decoder beside the whole one: perplexity, disk, memory, and what a token takes.

    python benchmarks/prune_service.py FOLDER [--whole smollm2] [--sizes 128 16 5]

FOLDER is what `qwatt run deployment/prune` or `prune_channels.py --save` wrote: transformers alone loads it.
Both are judged in fp32 on the task's 8,192 held-back tokens in windows of the decoder's context; both read
and write by turns, on one thread, medians of rounds. Resident memory is that of a fresh process without qwatt
that has read 20 tokens. Joules are of whatever reader of energy the machine has, and their basis is printed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from transformers import AutoModelForCausalLM

from qwatt.core.threads import one_thread
from qwatt.language.decoder import load_decoder, save_decoder, validation_loss
from qwatt.language.serving import serving_costs, usual_request
from qwatt.stages.deployment.prune.decoder_calibration import enough_tokens
from qwatt.stages.deployment.prune.result import storage_type
from qwatt.stages.deployment.prune.task import PruneTask

_RESIDENT = """
import sys, torch, transformers
torch.set_num_threads(1)
model = transformers.AutoModelForCausalLM.from_pretrained(
    sys.argv[1], trust_remote_code=True, dtype=getattr(torch, sys.argv[2]))
with torch.inference_mode():
    model(torch.arange(20)[None])
assert "qwatt" not in sys.modules
print(next(int(line.split()[1]) // 1000 for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""


def stored(folder: Path) -> dict[str, Any]:
    """Return what a folder takes on disk, and in memory by the type that it is loaded in."""
    found: dict[str, Any] = {"weights_file_bytes": (folder / "model.safetensors").stat().st_size}
    for kind in ("bfloat16", "float32"):
        words = [sys.executable, "-c", _RESIDENT, str(folder), kind]
        said = subprocess.run(words, capture_output=True, text=True, check=True, env=without_qwatt()).stdout
        found[f"resident_mb_{kind}"] = int(said)
    return found


def without_qwatt() -> dict[str, str]:
    """Return the environment of a process that is to know no folder of qwatt's."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def measured(folder: Path, name: str, sizes: tuple[int, int, int]) -> dict[str, dict[str, Any]]:
    """Return the figures of the whole decoder and of the folder."""
    decoder, problem = load_decoder(name), PruneTask().load("held-back", "full", 0)
    smaller = AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=True, dtype=torch.float32).eval()
    ids = enough_tokens(decoder, problem.texts(name)[2], problem.budget.test)
    models, request = {"whole": decoder.model, "pruned": smaller}, usual_request()
    costs = serving_costs(list(models.values()), ids, *sizes)
    found: dict[str, dict[str, Any]] = {}
    for (which, model), cost in zip(models.items(), costs, strict=True):
        with one_thread():
            loss = validation_loss(model, ids, decoder.context)
        found[which] = {
            "perplexity": math.exp(loss),
            "parameters": sum(weights.numel() for weights in model.parameters()),
            "weights_bytes_fp32": cost.weights_bytes,
            "read_ms": cost.read_ms,
            "read_cpu_ms": 1e3 * cost.read_cpu_s,
            "read_j": cost.read_j,
            "written_ms": cost.written_ms,
            "written_cpu_ms": 1e3 * cost.written_cpu_s,
            "written_j": cost.written_j,
            "basis": cost.basis,
            "request_over_whole": cost.request_ratio(request),
            "rounds": cost.pairs,
        }
    with TemporaryDirectory() as place:
        save_decoder(decoder.model.to(storage_type(decoder.model)), decoder.tokenizer, Path(place) / "whole")
        found["whole"] |= stored(Path(place) / "whole")
    found["pruned"] |= stored(folder)
    return found


def main() -> None:
    """Measure, print a table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--whole", default="smollm2", help="the decoder that was pruned")
    parser.add_argument(
        "--sizes", type=int, nargs=3, default=(128, 16, 5), help="tokens read, written, rounds"
    )
    parser.add_argument("--out", type=Path, help="a JSON file of all figures")
    given = parser.parse_args()
    found = measured(given.folder, given.whole, tuple(given.sizes))
    print("| | whole | pruned |\n|---|---|---|")
    for name in found["whole"]:
        if name != "rounds":
            values = (found[which][name] for which in ("whole", "pruned"))
            print(f"| {name} | " + " | ".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in values))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
