"""What a user takes away: the detector, and its alarms among the held-back texts, the strangest first."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from qwatt.core.artifact import ArtifactCard
from qwatt.core.errors import QwattError
from qwatt.data.rows import write_jsonl
from qwatt.stages.monitoring.anomaly.problem import ALPHA, TASK, AnomalyAnswer, AnomalyProblem

ANOMALY, NORMAL = "anomaly", "normal"


def write_detector(problem: AnomalyProblem, answer: AnomalyAnswer, folder: Path) -> list[Path]:
    """Write the detector (`model.safetensors`, `detector.json`), its card, and `alerts.jsonl`.

    Raises:
        QwattError: the detector was not applied to the held-back texts.
    """
    if answer.test is None:
        raise QwattError("the detector was not applied to the held-back texts")
    detector, part, truth = answer.detector, problem.counts.part("test"), problem.truth("test")
    weights, description = detector.save(folder)
    card = ArtifactCard(TASK, detector.method).write(folder)
    ids, texts = problem.ids[part], problem.embedding.texts[part]
    p_values = detector.p_values(answer.test)
    alarms = [int(i) for i in np.argsort(-answer.test, kind="stable") if p_values[i] <= ALPHA]
    file = folder / "alerts.jsonl"
    rows = (
        {
            "id": ids[i],
            "text": texts[i],
            "score": float(answer.test[i]),
            "p_value": float(p_values[i]),
            "truth": _truth(problem, bool(truth[i])),
        }
        for i in alarms
    )
    write_jsonl(file, rows)
    return [file, weights, description, card]


def _truth(problem: AnomalyProblem, anomalous: bool) -> str:
    if problem.planted:
        return "planted" if anomalous else "unknown"
    return ANOMALY if anomalous else NORMAL
