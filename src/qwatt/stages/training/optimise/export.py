"""What a user takes away: trained weights, the curve, and what they are of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.artifact import ArtifactCard
from qwatt.core.lazy import lazy
from qwatt.data.cells import to_csv
from qwatt.stages.training.optimise.problem import TASK, CircuitProblem, OptimiseAnswer, OptimiseProblem
from qwatt.stages.training.optimise.score import exact_trajectory

if TYPE_CHECKING:
    from safetensors import numpy as safetensors
else:
    safetensors = lazy("safetensors.numpy")

COLUMNS = ["steps", "runs", "shots", "tokens", "host_j", "loss"]


def write_answer(problem: OptimiseProblem, answer: OptimiseAnswer, folder: Path) -> list[Path]:
    """Write `weights.safetensors`, `model.json`, `curve.csv` and the card; return them, the weights first."""
    folder.mkdir(parents=True, exist_ok=True)
    weights, description, curve = (
        folder / name for name in ("weights.safetensors", "model.json", "curve.csv")
    )
    assert isinstance(problem, CircuitProblem)
    arrays = {n: np.ascontiguousarray(a) for n, a in answer.arrays.items() if n != "trajectory"}
    safetensors.save_file(arrays, weights)
    size = problem.circuit
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
    description.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
    _, found = exact_trajectory(problem, answer)
    rows = [point | {"host_j": point["energy"]["value"]} for point in found.to_record()]
    curve.write_text(to_csv(COLUMNS, rows), "utf-8")
    card = ArtifactCard(TASK, answer.method).write(folder)
    return [weights, description, curve, card]
