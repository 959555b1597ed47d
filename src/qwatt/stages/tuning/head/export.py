"""What a user takes away: the fitted head, its predictions on the test part, and its confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qwatt.core.artifact import ArtifactCard
from qwatt.core.errors import QwattError
from qwatt.data.cells import to_csv
from qwatt.stages.tuning.head.problem import TASK, HeadAnswer, HeadProblem, Scores
from qwatt.stages.tuning.head.score import confusion_matrix, predicted


def write_head(problem: HeadProblem, answer: HeadAnswer, folder: Path) -> list[Path]:
    """Write the head (`model.safetensors`, `head.json`), its card, `predictions.csv` and `confusion.csv`.

    Raises:
        QwattError: the head was not applied to the test part.
    """
    if answer.test is None:
        raise QwattError("the head was not applied to the test part")
    weights, description = answer.model.save(folder)
    card = ArtifactCard(TASK, answer.model.method).write(folder)
    predictions, confusion = folder / "predictions.csv", folder / "confusion.csv"
    rows = _predictions(problem, answer.test)
    _write(predictions, ["id", "text", "label", "predicted", *score_columns(problem.classes)], rows)
    counts = confusion_matrix(answer.test, problem.test.labels)
    columns = [f"predicted {name}" for name in problem.classes]
    table = [
        {"label": name} | dict(zip(columns, row, strict=True))
        for name, row in zip(problem.classes, counts.tolist(), strict=True)
    ]
    _write(confusion, ["label", *columns], table)
    return [weights, description, card, predictions, confusion]


def score_columns(classes: tuple[str, ...]) -> list[str]:
    """Return the names of the columns with the classes' scores."""
    return [f"score {name}" for name in classes]


def _predictions(problem: HeadProblem, scores: Scores) -> list[dict[str, Any]]:
    """Return one row for each test sentence."""
    test, classes = problem.test, problem.classes
    columns = score_columns(classes)
    return [
        {"id": name, "text": text, "label": classes[label], "predicted": classes[choice]}
        | dict(zip(columns, row, strict=True))
        for name, text, label, choice, row in zip(
            test.ids, test.texts, test.labels, predicted(scores), scores.tolist(), strict=True
        )
    ]


def _write(file: Path, columns: list[str], rows: list[dict[str, Any]]) -> None:
    """Write a table; names of labels are as little to be trusted as texts."""
    table: list[Mapping[str, Any]] = [*rows]
    file.write_text(to_csv(columns, table), "utf-8", errors="backslashreplace")
