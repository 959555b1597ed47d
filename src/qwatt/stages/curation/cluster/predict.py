"""Puts new texts or rows of a table into the clusters of an artifact: each goes to the nearest centroid."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.prediction import Prediction
from qwatt.data import read_documents
from qwatt.data.own_fields import with_own_fields
from qwatt.data.table import read_table
from qwatt.language.embedding import Embedding
from qwatt.quantum.algorithms import lloyd
from qwatt.quantum.algorithms.lloyd import Points
from qwatt.stages.curation.cluster.export import CENTROIDS
from qwatt.stages.curation.cluster.problem import Scale

Rows = Sequence[Mapping[str, Any]]


def predict_with(artifact: Path, source: str) -> Prediction:
    """Return the cluster of each text or row, and its distance to the centroid.

    Args:
        artifact: the folder that the clusters were saved in.
        source: texts for clusters of texts, else a table with the columns that were clustered.

    Raises:
        QwattError: the artifact is damaged, or the data cannot be read or lacks a column.
    """
    file = artifact / CENTROIDS
    try:
        record = json.loads(file.read_text("utf-8"))
        centroids = np.array(record["centroids"], dtype=np.float64)
        filled = np.flatnonzero(np.array(record["sizes"]) > 0)
        scale = Scale(tuple(record["columns"]), tuple(record["mean"]), tuple(record["deviation"]))
        encoder = record["encoder"]
        centroids = centroids[filled]
        if centroids.ndim != 2 or not len(centroids):
            raise ValueError("no centroids")
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise QwattError(
            f"the saved centroids cannot be used: {type(error).__name__}: {error}",
            where=str(file),
            mend="run the study again, so that they are saved anew",
        ) from error
    rows, own, points = _texts(encoder, source) if encoder else _table(scale, source)
    if points.shape[1] != centroids.shape[1]:
        raise QwattError(
            f"{points.shape[1]} values a row; the clusters are of {centroids.shape[1]}",
            where=source,
            mend="give data with the columns that were clustered",
        )
    distances = lloyd.squared_distances(points, centroids)
    labels = [str(filled[i]) for i in distances.argmin(axis=1)]
    found = [
        {**row, "label": label, "distance": float(np.sqrt(least))}
        for row, label, least in zip(rows, labels, distances.min(axis=1), strict=True)
    ]
    return Prediction(tuple(map(str, filled.tolist())), with_own_fields(found, own))


def _texts(encoder: str, source: str) -> tuple[Rows, Rows, Points]:
    documents = read_documents(source)
    vectors = Embedding(encoder, documents.texts).embed().value
    rows = [{"id": i, "text": text} for i, text in zip(documents.ids, documents.texts, strict=True)]
    return rows, documents.rows, np.asarray(vectors, dtype=np.float64)


def _table(scale: Scale, source: str) -> tuple[Rows, Rows, Points]:
    table = read_table(source)
    values = table.columns_named(scale.columns, source) if scale.columns else table.values
    return [{"id": name} for name in table.ids], table.rows, scale.apply(values)
