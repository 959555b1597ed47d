"""What a user takes away: a line a window, with its p-value and whether it is an alarm."""

from __future__ import annotations

from pathlib import Path

from qwatt.core.artifact import ArtifactCard
from qwatt.core.errors import QwattError
from qwatt.data.rows import write_jsonl
from qwatt.stages.monitoring.drift.problem import ALPHA, TASK, DriftAnswer, DriftProblem


def write_windows(problem: DriftProblem, answer: DriftAnswer, folder: Path) -> list[Path]:
    """Write `windows.jsonl`, a user's own windows first, and the artifact's card.

    Raises:
        QwattError: the test was not applied to the held-back pairs.
    """
    if answer.test is None:
        raise QwattError("the test was not applied to the held-back windows")
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "window": "watched" if pair.strength is None else "planted" if pair.strength else "null",
            "share_from_elsewhere": pair.strength,
            "first": problem.ids[pair.window[0]],
            "last": problem.ids[pair.window[-1]],
            "texts": len(pair.window),
            "p_value": value,
            "alarm": value <= ALPHA,
        }
        for pair, value in zip(problem.test, answer.test.tolist(), strict=True)
    ]
    file = folder / "windows.jsonl"
    write_jsonl(file, sorted(rows, key=lambda row: row["window"] != "watched"))
    return [file, ArtifactCard(TASK, folder.name).write(folder)]
