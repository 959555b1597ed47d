"""auto-round beside qwatt's roundings: the same decoder, layers, calibration tokens, bits and groups."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from qwatt.language.decoder import save_decoder
from qwatt.stages.deployment.quantise.workbench import Workbench

STEPS = 200
"""auto-round's default."""
_MOST_WINDOW = 128
"""Tokens of a window, so that a step of eight windows stays cheap on a CPU."""


def auto_round_weights(
    python: str, bench: Workbench, bits: int, group: int, seed: int
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return the weights by layer, and its CPU seconds and joules.

    Args:
        python: an interpreter that has auto-round.
        bench: the decoder, its layers and the calibration tokens.
        bits: of a weight.
        group: weights that share a scale and a zero.
        seed: of its draws.
    """
    with TemporaryDirectory() as place:
        folder = Path(place)
        save_decoder(bench.model, bench.decoder.tokenizer, folder / "decoder")
        np.save(folder / "tokens.npy", bench.calibration)
        job = {
            "folder": str(folder / "decoder"),
            "tokens": str(folder / "tokens.npy"),
            "window": min(bench.context, _MOST_WINDOW),
            "layers": list(bench.layers),
            "bits": bits,
            "group": group,
            "steps": STEPS,
            "seed": seed,
            "out": str(folder / "weights.npz"),
        }
        (folder / "job.json").write_text(json.dumps(job), "utf-8")
        script = Path(__file__).with_name("auto_round_layers.py")
        words = [python, str(script), str(folder / "job.json")]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        said = json.loads(done.stdout.splitlines()[-1])
        with np.load(folder / "weights.npz") as weights:
            found = {name: weights[name] for name in weights.files}
    return found, {"cpu_s": said["cpu_s"], "joules": said["energy"]["value"]}
