"""What heads of tables need beside the rows: their columns' own units, and a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qwatt.core.errors import QwattError
from qwatt.language.encoder import Vectors
from qwatt.language.table_rows import TABLE


def own_numbers(arrays: Mapping[str, NDArray[Any]], vectors: Vectors) -> NDArray[np.float64]:
    """Return rows in the columns' own units; vectors of texts, which have none, as they are.

    Args:
        arrays: "table_mean" and "table_deviation" of a model of a table, shape (columns,).
        vectors: shape (rows, columns).
    """
    plain = np.asarray(vectors, dtype=np.float64)
    if "table_mean" not in arrays:
        return plain
    return np.asarray(plain * arrays["table_deviation"] + arrays["table_mean"])


def refuse_rows(encoder: str, method: str) -> None:
    """Refuse a table where a method tunes the encoder of texts.

    Raises:
        QwattError: the problem is a table.
    """
    if encoder == TABLE:
        raise QwattError(
            f"{method} tunes a text encoder, and a table of numbers has none",
            mend=f"name other methods by --method, or give a file with texts to {method}",
        )
