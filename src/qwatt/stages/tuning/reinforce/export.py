"""What a user takes away: the policy's numbers, and what it learnt by when."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qwatt.core.artifact import ArtifactCard
from qwatt.core.lazy import lazy
from qwatt.data.rows import to_json
from qwatt.language.decoder import load_decoder, save_decoder
from qwatt.stages.tuning.reinforce.problem import TASK, PolicyAnswer, ReinforceProblem

if TYPE_CHECKING:
    import torch
else:
    torch = lazy("torch")

DECODER = "decoder"
WEIGHTS, CURVE, DESCRIPTION = "policy.safetensors", "curve.csv", "policy.json"


def write_policy(problem: ReinforceProblem, answer: PolicyAnswer, folder: Path) -> list[Path]:
    """Write the policy's numbers, the rewards by update, and what it was trained on."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    weights, curve, description = (folder / name for name in (WEIGHTS, CURVE, DESCRIPTION))
    save_file({name: np.ascontiguousarray(array) for name, array in answer.state.items()}, weights)
    rows = [f"{update},{reward:.6g}" for update, reward in enumerate(answer.curve.tolist())]
    curve.write_text("\n".join(["update,reward", *rows]) + "\n", "utf-8")
    record = {
        "method": answer.method,
        "environment": problem.source,
        "parameters": answer.parameters,
        "test": None if answer.test is None else asdict(answer.test),
    }
    description.write_text(to_json(record, indent=2) + "\n", "utf-8")
    card = ArtifactCard(TASK, answer.method).write(folder)
    return [weights, description, curve, card, *_write_decoder(answer, folder)]


def _write_decoder(answer: PolicyAnswer, folder: Path) -> list[Path]:
    """Write a tuned decoder's folder, which plain transformers loads; nothing for a policy that chooses."""
    if not answer.decoder:
        return []
    decoder = load_decoder(answer.decoder)
    decoder.model.load_state_dict(
        {name: torch.from_numpy(np.array(array)) for name, array in answer.state.items()}
    )
    save_decoder(decoder.model, decoder.tokenizer, folder / DECODER)
    return sorted((folder / DECODER).iterdir())
