"""Labels new sentences with a saved head."""

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
from qwatt.language.table_rows import Scale, in_words
from qwatt.stages.tuning.head.export import score_columns
from qwatt.stages.tuning.head.method import HeadMethod
from qwatt.stages.tuning.head.model import HeadModel
from qwatt.stages.tuning.head.problem import TASK, Embedding, Part, Rows, Scores
from qwatt.stages.tuning.head.score import predicted

OwnRows = Sequence[Mapping[str, Any]]


def predict_with(artifact: Path, source: str) -> Prediction:
    """Return the labels of a user's sentences; a head of circuits is read with the shots it was tested with.

    Args:
        artifact: the folder that the head was saved in.
        source: a file or folder with texts, such as "new.csv#body"; labels are not looked at.

    Raises:
        QwattError: the head or the texts cannot be read, or its method is not installed.
    """
    model = HeadModel.load(artifact)
    part, own = _rows(model, source, artifact) if model.scale else _texts(model, source)
    scores = _decided(model, part, artifact)
    columns = score_columns(model.classes)
    rows: list[dict[str, Any]] = [
        {"id": name, "text": text, "label": model.classes[choice]} | dict(zip(columns, row, strict=True))
        for name, text, choice, row in zip(
            part.ids, part.texts, predicted(scores), scores.tolist(), strict=True
        )
    ]
    return Prediction(model.classes, with_own_fields(rows, own))


def _texts(model: HeadModel, source: str) -> tuple[Part, OwnRows]:
    documents = read_documents(source)
    unknown = np.zeros(len(documents), dtype=np.int64)
    return Part(tuple(documents.ids), unknown, Embedding(model.encoder, documents.texts)), documents.rows


def _rows(model: HeadModel, source: str, artifact: Path) -> tuple[Part, OwnRows]:
    """Return a table's rows, its columns by name those that the head was fitted on."""
    try:
        scale = Scale.from_record(model.scale)
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(error, artifact) from error
    table = read_table(source)
    values = table.columns_named(scale.columns, source)
    unknown = np.zeros(len(table), dtype=np.int64)
    try:
        rows = Rows(in_words(scale.columns, values), values, scale)
    except QwattError as error:
        raise error.found_in(source) from error
    return Part(tuple(table.ids), unknown, rows), table.rows


def _decided(model: HeadModel, part: Part, artifact: Path) -> Scores:
    method = get_method(TASK, model.method)
    if not isinstance(method, HeadMethod):
        raise QwattError(f"{model.method!r} is no head that decides", where=str(artifact))
    try:
        context = Unmetered(get_backend("engine"), model.config.get("shots"))
        scores = method.label(model, part, context, "predict")
        if scores.shape[1] != len(model.classes):
            raise ValueError(f"{scores.shape[1]} scores for {len(model.classes)} labels")
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _unusable(error, artifact) from error
    return scores


def _unusable(error: Exception, artifact: Path) -> QwattError:
    return QwattError(
        f"the saved head cannot be used: {type(error).__name__}: {error}",
        where=str(artifact),
        mend="run the study again, so that the head is saved anew",
    )
