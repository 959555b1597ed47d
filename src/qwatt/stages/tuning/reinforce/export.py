"""What a user takes away: the policy's numbers, and what it learnt by when."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from qwatt.core.artifact import ArtifactCard
from qwatt.stages.tuning.reinforce.problem import TASK, PolicyAnswer, ReinforceProblem

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
    description.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return [weights, description, curve, ArtifactCard(TASK, answer.method).write(folder)]
