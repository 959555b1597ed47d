"""Labels new rows or texts with a saved network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qwatt.core.errors import QwattError
from qwatt.core.prediction import Prediction
from qwatt.data import read_documents
from qwatt.data.names import listed
from qwatt.data.own_fields import with_own_fields
from qwatt.data.table import read_table
from qwatt.language.embedding import Embedding
from qwatt.stages.training.weights.export import Network

Rows = list[dict[str, Any]]
OwnRows = Sequence[Mapping[str, Any]]


def predict_with(artifact: Path, source: str) -> Prediction:
    """Return the label of each row or text, with a probability for every class.

    Args:
        artifact: the folder that the network was saved in.
        source: a table with the columns that it was trained on, or texts where it was trained on texts.

    Raises:
        QwattError: the network or the data cannot be read, or a column is missing.
    """
    network = Network.load(artifact)
    rows, own, values = _texts(network.encoder, source) if network.encoder else _table(network, source)
    if values.shape[1] != len(network.scaling.mean):
        raise QwattError(
            f"{values.shape[1]} numbers a row; the network takes {len(network.scaling.mean)}",
            where=source,
            mend="give data with the columns that it was trained on",
        )
    found = network.probabilities(values)
    labelled = [
        row | {"label": network.classes[int(shares.argmax())]}
        | {f"score {name}": float(share) for name, share in zip(network.classes, shares, strict=True)}
        for row, shares in zip(rows, found, strict=True)
    ]  # fmt: skip
    return Prediction(network.classes, with_own_fields(labelled, own))


def _texts(encoder: str, source: str) -> tuple[Rows, OwnRows, Any]:
    documents = read_documents(source)
    rows = [{"id": i, "text": text} for i, text in zip(documents.ids, documents.texts, strict=True)]
    return rows, documents.rows, np.asarray(Embedding(encoder, documents.texts).embed().value)


def _table(network: Network, source: str) -> tuple[Rows, OwnRows, Any]:
    table = read_table(source)
    missing = [name for name in network.columns if name not in table.columns]
    if missing:
        raise QwattError(
            f"no numeric column {missing[0]!r}, on which the network was trained",
            where=source,
            mend=f"give a table with the columns {listed(network.columns, 12)}",
        )
    order = [table.columns.index(name) for name in network.columns]
    return [{"id": name} for name in table.ids], table.rows, table.values[:, order]
