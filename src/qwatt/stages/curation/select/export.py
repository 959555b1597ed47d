"""What a user takes away: the chosen rows in the order of the source, and the score of each."""

from __future__ import annotations

from pathlib import Path

from qwatt.core.artifact import ArtifactCard
from qwatt.data.rows import to_json, write_jsonl
from qwatt.stages.curation.select.problem import TASK, SelectAnswer, SelectProblem

FORMAT = 1


def write_selection(problem: SelectProblem, answer: SelectAnswer, folder: Path) -> list[Path]:
    """Write `selected.jsonl` (whole rows), `selected.json` (why) and the artifact's card."""
    folder.mkdir(parents=True, exist_ok=True)
    pool = problem.pool
    rows, report = folder / "selected.jsonl", folder / "selected.json"
    write_jsonl(rows, (pool.rows[i] or _row(problem, int(i)) for i in answer.chosen))
    scores = zip(answer.chosen.tolist(), answer.scores.tolist(), strict=True)
    record = {
        "format": FORMAT,
        "task": TASK,
        "method": folder.name,
        "candidates": len(pool),
        "held_back": len(problem.validation) + len(problem.test),
        "score": answer.meaning,
        "selected": [{"id": pool.ids[i], "score": score} for i, score in scores],
    }
    report.write_text(to_json(record, indent=2) + "\n", encoding="utf-8")
    return [rows, report, ArtifactCard(TASK, folder.name).write(folder)]


def _row(problem: SelectProblem, i: int) -> dict[str, str]:
    row = {"id": problem.pool.ids[i], "text": problem.pool.texts[i]}
    labels = problem.pool.labels
    return row if labels is None else row | {"label": problem.classes[labels[i]]}
