"""What a user takes away: trained weights, the curve, and what they are of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.artifact import ArtifactCard
from qwatt.core.lazy import lazy
from qwatt.data.cells import to_csv
from qwatt.data.rows import to_json
from qwatt.language.decoder import save_decoder
from qwatt.stages.training.optimise.decoding import decoder_of
from qwatt.stages.training.optimise.problem import (
    TASK,
    CircuitProblem,
    DecoderProblem,
    OptimiseAnswer,
    OptimiseProblem,
)
from qwatt.stages.training.optimise.score import exact_trajectory

if TYPE_CHECKING:
    from safetensors import numpy as safetensors
else:
    safetensors = lazy("safetensors.numpy")

COLUMNS = ["steps", "runs", "shots", "tokens", "host_j", "loss"]


def write_answer(problem: OptimiseProblem, answer: OptimiseAnswer, folder: Path) -> list[Path]:
    """Write the trained weights, `curve.csv` and the card; return them, the weights first.

    A circuit's weights are `weights.safetensors` beside `model.json`; a decoder is an ordinary Hugging Face
    folder, which later stages take.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(problem, DecoderProblem):
        model, tokenizer = decoder_of(problem, answer.arrays), problem.text.encoded().value.tokenizer
        save_decoder(model, tokenizer, folder)
        main, found = folder / "model.safetensors", answer.curve
    else:
        main, found = _write_circuit(problem, answer, folder), exact_trajectory(problem, answer)[1]
    curve = folder / "curve.csv"
    rows = [point | {"host_j": point["energy"]["value"]} for point in found.to_record()]
    curve.write_text(to_csv(COLUMNS, rows), "utf-8")
    return [main, curve, ArtifactCard(TASK, answer.method).write(folder)]


def _write_circuit(problem: CircuitProblem, answer: OptimiseAnswer, folder: Path) -> Path:
    weights, size = folder / "weights.safetensors", problem.circuit
    arrays = {n: np.ascontiguousarray(a) for n, a in answer.arrays.items() if n != "trajectory"}
    safetensors.save_file(arrays, weights)
    record = {
        "model": answer.model,
        "method": answer.method,
        "classes": problem.classes,
        "encoder": problem.embedding.encoder,
        "wires": size.wires,
        "uploads": size.uploads,
        "layers": size.layers,
        "logit_scale": size.logit_scale,
        **answer.config,
    }
    description = to_json(record, indent=2) + "\n"
    (folder / "model.json").write_text(description, "utf-8")
    return weights
