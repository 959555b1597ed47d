"""Scores new texts with a saved detector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.context import Unmetered
from qwatt.core.errors import QwattError
from qwatt.core.prediction import Prediction
from qwatt.core.registry import get_backend, get_method
from qwatt.data import read_documents
from qwatt.data.own_fields import with_own_fields
from qwatt.data.table import read_table
from qwatt.language.embedding import Embedding
from qwatt.language.table_rows import in_words
from qwatt.stages.monitoring.anomaly.export import ANOMALY, NORMAL
from qwatt.stages.monitoring.anomaly.method import AnomalyMethod
from qwatt.stages.monitoring.anomaly.model import Detector, Rows, Scores, unusable
from qwatt.stages.monitoring.anomaly.problem import ALPHA, TASK

OwnRows = Sequence[Mapping[str, Any]]


def predict_with(artifact: Path, source: str) -> Prediction:
    """Return the score, the p-value and the label of each text; circuits are read with the saved shots.

    Args:
        artifact: the folder that the detector was saved in.
        source: a file or folder with texts, such as "new.csv#body", or a table with the columns that the
            detector was fitted on; labels are not looked at.

    Raises:
        QwattError: the detector or the texts cannot be read, or its method is not installed.
    """
    detector = Detector.load(artifact)
    ids, texts, own, vectors = _rows(detector, source)
    scores = _scored(detector, vectors, artifact)
    p_values = detector.p_values(scores)
    rows = [
        {
            "id": name,
            "text": text,
            "label": ANOMALY if p_value <= ALPHA else NORMAL,
            "score": score,
            "p_value": p_value,
        }
        for name, text, score, p_value in zip(ids, texts, scores.tolist(), p_values.tolist(), strict=True)
    ]
    return Prediction((ANOMALY, NORMAL), with_own_fields(rows, own))


def _rows(detector: Detector, source: str) -> tuple[list[str], list[str], OwnRows, Rows]:
    """Return names, texts, own fields and vectors of new texts, or of a table's rows, its columns by name."""
    if detector.scale is None:
        documents = read_documents(source)
        vectors = Embedding(detector.encoder, documents.texts).embed().value
        return documents.ids, documents.texts, documents.rows, np.asarray(vectors, dtype=np.float64)
    table = read_table(source)
    values = table.columns_named(detector.scale.columns, source)
    scaled = np.asarray(detector.scale.apply(values), dtype=np.float64)
    return table.ids, in_words(detector.scale.columns, values), table.rows, scaled


def _scored(detector: Detector, rows: Rows, artifact: Path) -> Scores:
    method = get_method(TASK, detector.method)
    if not isinstance(method, AnomalyMethod):
        raise QwattError(f"{detector.method!r} is no detector that scores", where=str(artifact))
    try:
        context = Unmetered(get_backend("engine"), detector.shots)
        return method.scores(detector, rows, context, "predict")
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise unusable(error, artifact) from error
